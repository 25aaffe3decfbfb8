"""Pictures as pages show them: the sizes and formats that are made of one, for the browser to choose from."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from mercato.catalog.images import ProductImage, Rendition, Showcase
from mercato.platform.settings import Settings
from mercato.search.schemas import HitImage, HitRendition
from mercato.storefront.assets import STAND_IN

CUT = "square"
"""Name of the rendition that is cut to the picture's focal point."""
NOT_YET = f"/static/{STAND_IN}"
"""What is shown of an original that no browser shows, until something is made of it."""
FALLBACK_WIDTH = 640
"""Pixels; what a browser gets that knows none of the better formats."""

SIZES: Final[Mapping[str, str]] = {
    "tile": "(min-width: 1280px) 250px, (min-width: 768px) 24vw, 42vw",
    "hero": "(min-width: 1280px) 165px, (min-width: 900px) 12vw, 21vw",
    "hero-first": "(min-width: 1280px) 346px, (min-width: 900px) 25vw, 44vw",
    "department": "(min-width: 768px) 110px, 26vw",
    "main": "(min-width: 1280px) 680px, (min-width: 768px) 50vw, 88vw",
    "badge": "128px",
}
"""How wide pictures are shown, by place; as the stylesheet lays them out."""

AnyImage = ProductImage | HitImage | Showcase
AnyRendition = Rendition | HitRendition


class Source(msgspec.Struct, frozen=True):
    """The sizes of a picture in one format."""

    media_type: str
    srcset: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to show. Width and height in pixels give the proportions of what is shown."""

    sources: Sequence[Source]
    """Best format first; none while nothing is made of the picture, or nothing can be."""
    url: str
    """What shows without them."""
    large: str
    """The largest JPEG, which everything reads: for social networks, search engines and a closer look."""
    width: int
    height: int
    color: str | None
    placeholder: str | None


def picture_of(image: AnyImage, *, is_cut: bool = False) -> Picture:
    """What a page shows of an image; with `is_cut`, the square around its focal point, for a place that is filled to its edges.

    Renditions that are there are shown even while others are being made: they stay good until those replace them.
    """
    made: list[AnyRendition] = sorted(image.renditions or (), key=lambda one: one.width)
    whole = [one for one in made if one.name != CUT]
    # Nothing is cut off a picture that is square already, and of that there are smaller sizes.
    cut = [one for one in made if one.name == CUT] if is_cut and image.width != image.height else []
    shown = cut or whole
    large = [one for one in whole if one.format == "jpeg"]
    jpegs = [one for one in shown if one.format == "jpeg"] or large
    fallback = next((one for one in jpegs if one.width >= FALLBACK_WIDTH), jpegs[-1] if jpegs else None)
    return Picture(
        sources=[
            Source(f"image/{kind}", srcset)
            for kind in ("avif", "webp")
            if (srcset := ", ".join(f"{one.url} {one.width}w" for one in shown if one.format == kind))
        ],
        url=fallback.url if fallback else NOT_YET if image.url.endswith(".tiff") else image.url,
        large=large[-1].url if large else image.url,
        width=1 if cut else image.width,
        height=1 if cut else image.height,
        color=image.dominant_color,
        placeholder=None if isinstance(image, HitImage) else image.placeholder,
    )


def picture_origins(settings: Settings) -> tuple[str, ...]:
    """The other hosts that pictures come from: that of the caches, and the bucket that files are fetched from."""
    base = urlsplit(settings.media_base_url)
    origins = [f"{base.scheme}://{base.netloc}"] if base.netloc else []
    if settings.s3_bucket:
        endpoint = settings.s3_endpoint or f"https://s3.{settings.s3_region}.amazonaws.com"
        bucket = urlsplit(endpoint)
        origins += [f"{bucket.scheme}://{bucket.netloc}", f"{bucket.scheme}://{settings.s3_bucket}.{bucket.netloc}"]
    return tuple(dict.fromkeys(origins))

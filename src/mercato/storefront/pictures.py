"""Pictures as pages show them: the sizes and formats that are made of one, for the browser to choose from."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from mercato.catalog.images import ProductImage, Rendition, Showcase
from mercato.platform.settings import Settings
from mercato.search.schemas import HitImage, HitRendition

CUT = "square"
"""Name of the rendition that is cut to the picture's focal point."""
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
    """A picture to show. Width and height in pixels are the original's: what is shown has its proportions."""

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


def picture_of(image: AnyImage, *, is_square: bool = False) -> Picture:
    """What a page shows of an image; with `is_square`, cut to its focal point, for a place that is filled to its edges.

    Renditions that are there are shown even while others are being made: they stay good until those replace them.
    """
    renditions = _wanted(image, is_square=is_square)
    jpegs = sorted((one for one in image.renditions or () if one.format == "jpeg"), key=lambda one: one.width)
    whole = [one for one in jpegs if one.name != CUT]
    fallback = next((one for one in whole if one.width >= FALLBACK_WIDTH), whole[-1] if whole else None)
    return Picture(
        sources=[
            Source(f"image/{kind}", srcset)
            for kind in ("avif", "webp")
            if (srcset := _srcset([one for one in renditions if one.format == kind]))
        ],
        url=fallback.url if fallback else image.url,
        large=whole[-1].url if whole else image.url,
        width=image.width,
        height=image.height,
        color=image.dominant_color,
        placeholder=None if isinstance(image, HitImage) else image.placeholder,
    )


def _wanted(image: AnyImage, *, is_square: bool) -> Sequence[AnyRendition]:
    made = image.renditions or ()
    # Nothing is cut off a picture that is square already, and of that there are smaller sizes.
    cut = [one for one in made if one.name == CUT] if is_square and image.width != image.height else []
    return cut or [one for one in made if one.name != CUT]


def _srcset(renditions: Sequence[AnyRendition]) -> str:
    return ", ".join(f"{one.url} {one.width}w" for one in sorted(renditions, key=lambda one: one.width))


def picture_origins(settings: Settings) -> tuple[str, ...]:
    """The other hosts that pictures come from: that of the caches, and the bucket that files are fetched from."""
    base = urlsplit(settings.media_base_url)
    origins = [f"{base.scheme}://{base.netloc}"] if base.netloc else []
    if settings.s3_bucket:
        endpoint = settings.s3_endpoint or f"https://s3.{settings.s3_region}.amazonaws.com"
        bucket = urlsplit(endpoint)
        origins += [f"{bucket.scheme}://{bucket.netloc}", f"{bucket.scheme}://{settings.s3_bucket}.{bucket.netloc}"]
    return tuple(dict.fromkeys(origins))

"""Which sizes and formats of a picture a page offers."""

from collections.abc import Sequence
from typing import Literal

import msgspec
import pytest

from mercato.platform.settings import load_settings
from mercato.search.schemas import HitImage, HitRendition
from mercato.storefront.pictures import picture_of, picture_origins

Kind = Literal["avif", "webp", "jpeg"]
SETTINGS = load_settings(
    {"DATABASE_URL": "postgresql://x/y", "VALKEY_URL": "redis://x", "MEILISEARCH_URL": "http://x"}, env_file=None
)
KINDS: Sequence[Kind] = ("avif", "webp", "jpeg")


def made(name: str, width: int, *kinds: Kind) -> list[HitRendition]:
    """A size in these formats."""
    return [HitRendition(name=name, format=kind, width=width, url=f"/{name}.{kind}") for kind in kinds or KINDS]


def image(*renditions: HitRendition, url: str = "/o.png", width: int = 1600, height: int = 900) -> HitImage:
    """A picture of a hit."""
    return HitImage(url=url, alt="", width=width, height=height, renditions=list(renditions) or None)


def test_the_best_format_is_offered_first_and_each_size_with_its_width() -> None:
    shown = picture_of(image(*made("640", 640), *made("160", 160), *made("square", 320)))
    assert [(source.media_type, source.srcset) for source in shown.sources] == [
        ("image/avif", "/160.avif 160w, /640.avif 640w"),
        ("image/webp", "/160.webp 160w, /640.webp 640w"),
    ]
    assert (shown.url, shown.large) == ("/640.jpeg", "/640.jpeg")
    assert (shown.width, shown.height) == (1600, 900)


def test_a_square_place_gets_the_cut() -> None:
    shown = picture_of(image(*made("640", 640), *made("square", 320)), is_cut=True)
    assert [source.srcset for source in shown.sources] == ["/square.avif 320w", "/square.webp 320w"]
    assert (shown.url, shown.large, shown.width, shown.height) == ("/square.jpeg", "/640.jpeg", 1, 1)


def test_nothing_is_cut_off_a_square_so_smaller_sizes_serve() -> None:
    shown = picture_of(image(*made("160", 160), *made("square", 320), width=900), is_cut=True)
    assert shown.sources[0].srcset == "/160.avif 160w"


def test_a_browser_without_better_formats_gets_a_jpeg_of_middle_size() -> None:
    shown = picture_of(image(*made("1280", 1280), *made("960", 960), *made("320", 320)))
    assert (shown.url, shown.large) == ("/960.jpeg", "/1280.jpeg")


def test_until_something_is_made_the_original_shows() -> None:
    shown = picture_of(image())
    assert (list(shown.sources), shown.url, shown.large) == ([], "/o.png", "/o.png")


def test_an_original_that_no_browser_shows_waits_behind_a_sign() -> None:
    assert picture_of(image(url="/o.tiff")).url == "/static/processing.svg"
    assert picture_of(image(*made("640", 640), url="/o.tiff")).url == "/640.jpeg"


def test_what_moves_has_no_still_formats() -> None:
    shown = picture_of(image(*made("320", 320, "webp", "jpeg")))
    assert [source.media_type for source in shown.sources] == ["image/webp"]


@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        ({}, ()),
        ({"media_base_url": "https://cdn.example.com/shop/"}, ("https://cdn.example.com",)),
        (
            {"s3_bucket": "shop", "s3_endpoint": "http://localhost:9000"},
            ("http://localhost:9000", "http://shop.localhost:9000"),
        ),
        (
            {"s3_bucket": "shop", "s3_region": "eu-west-1"},
            ("https://s3.eu-west-1.amazonaws.com", "https://shop.s3.eu-west-1.amazonaws.com"),
        ),
    ],
)
def test_pages_may_load_pictures_from_where_the_settings_keep_them(
    settings: dict[str, str], origins: tuple[str, ...]
) -> None:
    assert picture_origins(msgspec.structs.replace(SETTINGS, **settings)) == origins

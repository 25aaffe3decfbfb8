"""Product pictures: every design draws a valid SVG and renders to a WebP of the right size, with nothing cut off."""

from itertools import product
from xml.etree import ElementTree as ET

import pytest
import pyvips

from mercato.demo.catalog import products
from mercato.demo.pictures import MAX_SIDE, VARIATIONS, Picture, dominant_color, draw, render
from mercato.demo.pictures.designs import DESIGNS
from mercato.demo.pictures.ink import PAPER, Ink
from mercato.demo.pictures.palette import COLORS, FAMILIES

EVERY_DESIGN = [
    Picture(design=design, color="Ocean Blue", variation=variation)
    for design, variation in product(DESIGNS, range(VARIATIONS))
]


def decoded(data: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(data, "")


def test_there_are_many_designs_and_products_use_all_of_them() -> None:
    assert len(DESIGNS) >= 45
    assert {made.picture.design for made in products(1200)} == set(DESIGNS)


def test_every_picture_of_a_large_catalog_is_valid_svg_of_one_shape() -> None:
    for picture in {made.picture for made in products(20_000)}:
        drawing = ET.fromstring(draw(picture))  # noqa: S314 -- our own drawing
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
        assert drawing.get("viewBox") == "0 0 800 800"


@pytest.mark.parametrize("picture", EVERY_DESIGN, ids=lambda picture: f"{picture.design}-{picture.variation}")
def test_every_design_renders_to_a_square_webp_with_a_calm_margin(picture: Picture) -> None:
    data = render(draw(picture), 160)
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WEBP"
    image = decoded(data)
    assert (image.width, image.height, image.bands) == (160, 160, 3)
    paper = [int(PAPER[place : place + 2], 16) for place in (1, 3, 5)]
    for edge in (
        image.crop(0, 0, 160, 2),
        image.crop(0, 158, 160, 2),
        image.crop(0, 0, 2, 160),
        image.crop(158, 0, 2, 160),
    ):
        assert (edge - paper).abs().max() <= 24
    assert (image - paper).abs().max() > 60


def test_variations_of_a_design_look_different() -> None:
    for design in DESIGNS:
        first, second = (draw(Picture(design=design, color="Silver", variation=variation)) for variation in (0, 1))
        assert first != second


def test_a_product_appears_in_its_color() -> None:
    red, blue = (
        decoded(render(draw(Picture(design="mug", color=color)), 100)).crop(30, 45, 20, 20).stats()
        for color in ("Cherry Red", "Ocean Blue")
    )
    assert red(4, 1)[0] > 2 * red(4, 3)[0]
    assert blue(4, 3)[0] > 2 * blue(4, 1)[0]


def test_the_same_picture_gives_the_same_bytes() -> None:
    picture = Picture(design="teddy", color="Cognac")
    assert render(draw(picture), 120) == render(draw(picture), 120)


@pytest.mark.parametrize("size", [1, 64, 640, 1280])
def test_pictures_render_at_the_size_asked_for(size: int) -> None:
    image = decoded(render(draw(Picture(design="kettle", color="Brass")), size))
    assert (image.width, image.height) == (size, size)


@pytest.mark.parametrize("size", [0, -1, MAX_SIDE + 1])
def test_sizes_beyond_the_cap_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="pixels a side"):
        render(draw(Picture(design="kettle", color="Brass")), size)


def test_unknown_designs_and_colors_are_refused() -> None:
    with pytest.raises(KeyError):
        draw(Picture(design="unicorn", color="Brass"))
    with pytest.raises(KeyError):
        draw(Picture(design="kettle", color="Octarine"))


def test_colors_belong_to_families_and_are_written_in_full() -> None:
    for name, (family, color) in COLORS.items():
        assert family in FAMILIES
        assert len(color) == 7
        assert dominant_color(Picture(design="mug", color=name)) == color


def test_tones_get_lighter_and_darker_and_stay_colors() -> None:
    ink = Ink("#2c6cae")
    lightness = [
        sum(int(ink(step)[place : place + 2], 16) for place in (1, 3, 5)) for step in (-0.4, -0.1, 0, 0.1, 0.4)
    ]
    assert lightness == sorted(lightness)
    assert all(int(ink(1.0)[place : place + 2], 16) > 240 for place in (1, 3, 5))

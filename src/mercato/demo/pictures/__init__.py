"""Product pictures: drawn as vectors, rendered to WebP by libvips."""

import msgspec
import pyvips

from mercato.demo.pictures.designs import DESIGNS
from mercato.demo.pictures.ink import Ink
from mercato.demo.pictures.palette import COLORS
from mercato.demo.pictures.sheet import SIDE, Sheet

VARIATIONS = 2
MAX_SIDE = 2048
WEBP_QUALITY = 80


class Picture(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What tells one drawing from another: the design, a colour of the palette, and the variation of the design."""

    design: str
    color: str
    variation: int = 0


def draw(picture: Picture) -> str:
    """The picture as an SVG document of 800 by 800 units; KeyError for an unknown design or colour."""
    sheet = Sheet()
    DESIGNS[picture.design](sheet, Ink(dominant_color(picture)), picture.variation % VARIATIONS)
    return sheet.document()


def render(svg: str, size: int) -> bytes:
    """The drawing as a square WebP of `size` pixels a side; ValueError outside 1 to 2048 pixels.

    Call it from threads: libvips releases the interpreter's lock while it works.
    """
    if not 1 <= size <= MAX_SIDE:
        message = f"a picture has 1 to {MAX_SIDE} pixels a side, not {size}"
        raise ValueError(message)
    image = pyvips.Image.svgload_buffer(svg.encode(), scale=size / SIDE)
    return bytes(image.flatten(background=[244, 244, 242]).webpsave_buffer(Q=WEBP_QUALITY, effort=2))


def dominant_color(picture: Picture) -> str:
    """The colour of the product itself, as "#rrggbb"; KeyError for an unknown colour."""
    return COLORS[picture.color][1]


__all__ = ["MAX_SIDE", "VARIATIONS", "Picture", "dominant_color", "draw", "render"]

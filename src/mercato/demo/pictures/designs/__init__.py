"""Every design by its name.

All designs are functions of the same three things, so their names are short: `s` is the sheet, `c` the ink of the
product, `v` the variation (0 or 1). Within a design, shapes are drawn from back to front.
"""

from collections.abc import Callable

from mercato.demo.pictures.designs import (
    audio,
    care,
    clothing,
    computing,
    devices,
    footwear,
    kitchen,
    living,
    office,
    outdoor,
    pantry,
    play,
    sports,
)
from mercato.demo.pictures.ink import Ink
from mercato.demo.pictures.sheet import Sheet

# Draws a product in a colour; the number chooses among a design's variations, 0 or 1.
Design = Callable[[Sheet, Ink, int], None]

DESIGNS: dict[str, Design] = {
    **audio.DESIGNS,
    **computing.DESIGNS,
    **devices.DESIGNS,
    **kitchen.DESIGNS,
    **living.DESIGNS,
    **clothing.DESIGNS,
    **footwear.DESIGNS,
    **sports.DESIGNS,
    **care.DESIGNS,
    **play.DESIGNS,
    **office.DESIGNS,
    **outdoor.DESIGNS,
    **pantry.DESIGNS,
}

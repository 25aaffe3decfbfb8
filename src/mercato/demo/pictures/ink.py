"""Colours of a drawing: one product colour and the lighter and darker tones that model its shape.

Tones are made in OKLab (Björn Ottosson, https://bottosson.github.io/posts/oklab/), where equal steps of
lightness look equal, so that one drawing works in black, white and red alike.
"""

from functools import lru_cache

# Neutral inks that many drawings share.
PAPER = "#f4f4f2"
WHITE = "#ffffff"
CHROME = "#c9ccd0"
STEEL = "#aeb3b8"
CHARCOAL = "#2b2d31"
RUBBER = "#1f2023"
WOOD = "#c59b6d"
WALNUT = "#7a5236"
LEAF = "#5f8f4e"
GOLD = "#c9a24b"
GLASS = "#dfe8ec"
SKIN = "#f1e3d3"


class Ink:
    """A colour whose tones are asked for by lightness: `ink(0.1)` is a step lighter, `ink(-0.1)` a step darker."""

    __slots__ = ("_a", "_b", "_lightness", "color")

    def __init__(self, color: str) -> None:
        self.color = color
        self._lightness, self._a, self._b = _to_oklab(color)

    def __call__(self, step: float = 0.0) -> str:
        """The tone `step` lighter (or darker, when negative), as "#rrggbb"; steps run from -1 to 1."""
        return _tone(self._lightness, self._a, self._b, step)

    def __str__(self) -> str:
        return self.color

    @property
    def is_dark(self) -> bool:
        return self._lightness < 0.5

    @property
    def is_pale(self) -> bool:
        return self._lightness > 0.86

    def contrast(self) -> str:
        """A quiet detail colour that can be seen on this one."""
        return self(0.3) if self.is_dark else self(-0.35)

    def mixed(self, other: str, share: float) -> "Ink":
        """The colour with `share` (0 to 1) of another one in it."""
        mine, theirs = _channels(self.color), _channels(other)
        return Ink(_hex(*(a + (b - a) * share for a, b in zip(mine, theirs, strict=True))))


@lru_cache(maxsize=4096)
def _tone(lightness: float, a: float, b: float, step: float) -> str:
    target = min(1.0, max(0.06, lightness + step))
    # Colourfulness fades towards white and black, as it does on real surfaces.
    fade = 1.0 - 0.9 * step if step > 0 else max(0.4, 1.0 + 0.95 * step)
    return _from_oklab(target, a * fade, b * fade)


def _channels(color: str) -> tuple[float, float, float]:
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, channel))):02x}" for channel in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _gamma(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _to_oklab(color: str) -> tuple[float, float, float]:
    red, green, blue = (_linear(channel) for channel in _channels(color))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> str:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return _hex(*(_gamma(max(0.0, channel)) for channel in linear))

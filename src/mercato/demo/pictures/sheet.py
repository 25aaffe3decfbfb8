"""The sheet a product is drawn on: 800 by 800 units, light from the upper left, a calm paper background.

A fill is a colour ("#rrggbb"), a colour with opacity ("#rrggbb@0.4"), or a gradient made by one of the gradient
methods. Stops are spread evenly unless written with their place in percent ("#rrggbb@0.4 30%", "#rrggbb 30%").
"""

from mercato.demo.pictures.ink import PAPER, Ink

SIDE = 800

Box = tuple[float, float, float, float]


class Sheet:
    """Collects the gradients and shapes of one drawing and writes them as one SVG document."""

    def __init__(self) -> None:
        self._definitions: list[str] = []
        self._shapes: list[str] = []

    # Gradients

    def down(self, *stops: str) -> str:
        """A gradient from the top of the shape to its bottom."""
        return self._linear(stops, (0, 0, 0, 1))

    def across(self, *stops: str) -> str:
        """A gradient from the left of the shape to its right."""
        return self._linear(stops, (0, 0, 1, 0))

    def slanted(self, *stops: str) -> str:
        """A gradient from the upper left of the shape to the lower right."""
        return self._linear(stops, (0, 0, 1, 1))

    def round(self, *stops: str, at: tuple[float, float] = (0.36, 0.3), reach: float = 0.75) -> str:
        """A gradient outwards from the point `at` (shares of the shape's width and height)."""
        x, y = at
        return self._define("radialGradient", f'cx="{x}" cy="{y}" r="{reach}"', _stops(stops))

    def cylinder(self, ink: Ink, depth: float = 1.0) -> str:
        """Across a round body that stands upright: lit from the left, dark at both edges."""
        return self.across(
            ink(-0.14 * depth),
            f"{ink(0.02 * depth)} 12%",
            f"{ink(0.13 * depth)} 30%",
            f"{ink(0.03 * depth)} 52%",
            f"{ink(-0.1 * depth)} 82%",
            f"{ink(-0.2 * depth)} 94%",
            ink(-0.15 * depth),
        )

    def tube(self, ink: Ink, depth: float = 1.0) -> str:
        """Down a round body that lies on its side: lit from above."""
        return self.down(
            ink(0.02 * depth),
            f"{ink(0.13 * depth)} 22%",
            f"{ink(0.0)} 50%",
            f"{ink(-0.17 * depth)} 88%",
            ink(-0.12 * depth),
        )

    def metal(self, ink: Ink) -> str:
        """Across polished metal that stands upright: several sharp reflections."""
        return self.across(
            ink(-0.22),
            f"{ink(0.04)} 9%",
            f"{ink(0.2)} 22%",
            f"{ink(0.02)} 36%",
            f"{ink(-0.12)} 56%",
            f"{ink(0.06)} 72%",
            f"{ink(-0.18)} 90%",
            ink(-0.05),
        )

    def face(self, ink: Ink) -> str:
        """Down-right over a flat lit surface."""
        return self.slanted(ink(0.08), f"{ink(0.01)} 50%", ink(-0.08))

    # Shapes

    def path(self, outline: str, fill: str = "none", **style: object) -> None:
        self._shapes.append(f'<path d="{outline}"{_fill(fill)}{_style(style)}/>')

    def line(self, outline: str, stroke: str, width: float = 4, *, cap: str = "round", **style: object) -> None:
        """An open path of an even width, with round ends unless `cap` says "butt"."""
        self._shapes.append(
            f'<path d="{outline}" fill="none"{_stroke(stroke)} stroke-width="{width}" stroke-linecap="{cap}" '
            f'stroke-linejoin="round"{_style(style)}/>'
        )

    def rect(self, box: Box, fill: str, radius: float = 0, **style: object) -> None:
        """A rectangle of `box` (x, y, width, height) with rounded corners."""
        x, y, width, height = box
        corner = f' rx="{radius}"' if radius else ""
        self._shapes.append(
            f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'
            f"{corner}{_fill(fill)}{_style(style)}/>"
        )

    def oval(self, box: Box, fill: str, **style: object) -> None:
        """An ellipse of `box` (centre x, centre y, horizontal radius, vertical radius)."""
        x, y, across, down = box
        self._shapes.append(
            f'<ellipse cx="{_number(x)}" cy="{_number(y)}" rx="{_number(across)}" ry="{_number(down)}"'
            f"{_fill(fill)}{_style(style)}/>"
        )

    def disc(self, x: float, y: float, radius: float, fill: str, **style: object) -> None:
        self.oval((x, y, radius, radius), fill, **style)

    def ring(self, box: Box, stroke: str, width: float = 4, **style: object) -> None:
        """The outline of an ellipse."""
        x, y, across, down = box
        self._shapes.append(
            f'<ellipse cx="{_number(x)}" cy="{_number(y)}" rx="{_number(across)}" ry="{_number(down)}" fill="none"'
            f'{_stroke(stroke)} stroke-width="{width}"{_style(style)}/>'
        )

    # Groups

    def turn(self, degrees: float, x: float = 400, y: float = 400) -> None:
        """Begins a group turned about a point; `end` closes it."""
        self._shapes.append(f'<g transform="rotate({_number(degrees)} {_number(x)} {_number(y)})">')

    def move(self, transform: str) -> None:
        """Begins a group under any SVG transform; `end` closes it."""
        self._shapes.append(f'<g transform="{transform}">')

    def cut(self, outline: str) -> None:
        """Begins a group that is visible only inside the outline; `end` closes it."""
        name = self._name()
        self._definitions.append(f'<clipPath id="{name}"><path d="{outline}"/></clipPath>')
        self._shapes.append(f'<g clip-path="url(#{name})">')

    def end(self) -> None:
        self._shapes.append("</g>")

    # Shadows

    def floor(self, x: float, y: float, across: float, down: float = 22, *, strength: float = 0.34) -> None:
        """The soft shadow and the dark contact line of something that stands on the floor at `y`."""
        soft = self.round(
            f"#1c1f26@{strength:.2f}",
            f"#1c1f26@{strength * 0.72:.2f} 35%",
            f"#1c1f26@{strength * 0.26:.2f} 68%",
            "#1c1f26@0",
            at=(0.5, 0.5),
            reach=0.5,
        )
        self.oval((x + 10, y, across * 1.16, down * 1.3), soft)
        self.oval((x, y, across * 0.96, down * 0.5), soft)

    def hover(self, outline: str, *, x: float = 6, y: float = 14) -> None:
        """The soft shadow of something that lies flat: the outline, widened in faint steps."""
        self._shapes.append(
            f'<g transform="translate({x} {y})" fill="none" stroke="#1c1f26" stroke-linejoin="round" stroke-opacity="0.016">'
        )
        self._shapes.extend(f'<path d="{outline}" stroke-width="{width}"/>' for width in range(4, 64, 6))
        self._shapes.append("</g>")

    def document(self) -> str:
        """The finished SVG."""
        light = _stops((f"{Ink('#fbfbfa')} 0%", f"{PAPER} 72%", PAPER))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
            f'<defs><radialGradient id="paper" cx="0.46" cy="0.44" r="0.62">{light}</radialGradient>'
            f"{''.join(self._definitions)}</defs>"
            f'<rect width="{SIDE}" height="{SIDE}" fill="url(#paper)"/>{"".join(self._shapes)}</svg>'
        )

    def _linear(self, stops: tuple[str, ...], ends: Box) -> str:
        x1, y1, x2, y2 = ends
        return self._define("linearGradient", f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"', _stops(stops))

    def _define(self, kind: str, geometry: str, content: str) -> str:
        name = self._name()
        self._definitions.append(f'<{kind} id="{name}" {geometry}>{content}</{kind}>')
        return f"url(#{name})"

    def _name(self) -> str:
        return f"d{len(self._definitions)}"


def _stops(stops: tuple[str, ...]) -> str:
    last = max(1, len(stops) - 1)
    written = []
    for index, stop in enumerate(stops):
        paint, _, place = stop.partition(" ")
        color, _, opacity = paint.partition("@")
        offset = place.removesuffix("%") if place else f"{100 * index / last:.4g}"
        faded = f' stop-opacity="{opacity}"' if opacity else ""
        written.append(f'<stop offset="{offset}%" stop-color="{color}"{faded}/>')
    return "".join(written)


def _fill(fill: str) -> str:
    color, _, opacity = fill.partition("@")
    return f' fill="{color}" fill-opacity="{opacity}"' if opacity else f' fill="{color}"'


def _stroke(stroke: str) -> str:
    color, _, opacity = stroke.partition("@")
    return f' stroke="{color}" stroke-opacity="{opacity}"' if opacity else f' stroke="{color}"'


def _style(style: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

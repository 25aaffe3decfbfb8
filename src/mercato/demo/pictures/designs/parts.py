"""Parts that several designs share: screens, lenses, labels, stitching, leaves."""

from mercato.demo.pictures.ink import LEAF, Ink
from mercato.demo.pictures.sheet import Box, Sheet

WALLPAPERS = (
    ("#24476f", "#6aa0b8", "#f0c9a0", "#1c3552"),
    ("#3d2a5c", "#a0577f", "#f2a77c", "#2a1d44"),
    ("#164a4a", "#4f9a8a", "#e8dfa8", "#103636"),
)


def screen(s: Sheet, box: Box, picture: int, radius: float = 4) -> None:
    """A switched-on display: an evening landscape under a faint reflection."""
    x, y, width, height = box
    sky, middle, glow, hills = WALLPAPERS[picture % len(WALLPAPERS)]
    s.rect(box, s.slanted(sky, f"{middle} 55%", glow), radius)
    s.cut(rounded(box, radius))
    s.disc(x + width * 0.68, y + height * 0.5, min(width, height) * 0.13, f"{glow}@0.85")
    for lift, opacity in ((0.46, 0.45), (0.6, 0.7), (0.76, 0.95)):
        level = y + height * lift
        s.path(
            f"M{x} {level + height * 0.1:.0f} C{x + width * 0.25:.0f} {level - height * 0.14:.0f} "
            f"{x + width * (0.3 + lift * 0.2):.0f} {level + height * 0.2:.0f} {x + width * 0.6:.0f} {level:.0f} "
            f"S{x + width * 0.9:.0f} {level + height * 0.1:.0f} {x + width} {level - height * 0.06:.0f} "
            f"V{y + height} H{x} Z",
            f"{hills}@{opacity}",
        )
    s.path(f"M{x} {y} H{x + width * 0.55:.0f} L{x + width * 0.2:.0f} {y + height} H{x} Z", "#ffffff@0.09")
    s.end()


def rounded(box: Box, radius: float) -> str:
    """The outline of a rounded rectangle as path data."""
    x, y, width, height = box
    r = min(radius, width / 2, height / 2)
    return (
        f"M{x + r} {y} H{x + width - r} A{r} {r} 0 0 1 {x + width} {y + r} V{y + height - r} "
        f"A{r} {r} 0 0 1 {x + width - r} {y + height} H{x + r} A{r} {r} 0 0 1 {x} {y + height - r} V{y + r} "
        f"A{r} {r} 0 0 1 {x + r} {y} Z"
    )


def lens(s: Sheet, x: float, y: float, radius: float) -> None:
    """Coated glass seen from the front."""
    s.disc(x, y, radius, s.slanted("#55585e", "#0d0e11"))
    s.disc(x, y, radius * 0.84, s.slanted("#0c0d10", "#303338"))
    s.disc(x, y, radius * 0.7, s.round("#4a5d86", "#151b2c 50%", "#0a0c14", at=(0.4, 0.35)))
    s.disc(
        x + radius * 0.12,
        y + radius * 0.16,
        radius * 0.34,
        s.round("#6b4a86@0.6", "#101424@0", at=(0.5, 0.5), reach=0.5),
    )
    s.oval((x - radius * 0.26, y - radius * 0.3, radius * 0.2, radius * 0.13), "#ffffff@0.55")
    s.disc(x + radius * 0.26, y + radius * 0.3, radius * 0.06, "#ffffff@0.4")


def leaf(s: Sheet, x: float, y: float, length: float, degrees: float, color: str = LEAF) -> None:
    """A leaf that grows from (x, y), upwards when `degrees` is 0."""
    ink = Ink(color)
    half, tip = length * 0.3, y - length
    s.turn(degrees, x, y)
    s.path(
        f"M{x} {y} C{x - half * 1.3:.0f} {y - length * 0.35:.0f} {x - half:.0f} {y - length * 0.8:.0f} {x} {tip:.0f} "
        f"C{x + half:.0f} {y - length * 0.8:.0f} {x + half * 1.3:.0f} {y - length * 0.35:.0f} {x} {y} Z",
        s.across(ink(0.1), f"{ink(0.02)} 49%", f"{ink(-0.1)} 51%", ink(-0.04)),
    )
    s.line(f"M{x} {y} L{x} {tip + length * 0.12:.0f}", f"{ink(0.2)}@0.6", 2)
    s.end()


def stitches(s: Sheet, outline: str, color: str, width: float = 3) -> None:
    """A sewn seam along the outline."""
    s.line(outline, color, width, stroke_dasharray="9 7")


def bars(s: Sheet, box: Box, color: str, widths: tuple[float, ...]) -> None:
    """Lines of unreadably small print, each a share of the box's width, centred."""
    x, y, width, height = box
    gap = height / len(widths)
    for row, share in enumerate(widths):
        length = width * share
        s.rect((x + (width - length) / 2, y + row * gap, length, gap * 0.5), color, gap * 0.25)

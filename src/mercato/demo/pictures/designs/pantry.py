"""Coffee, tea, chocolate and honey in their packaging."""

import math

from mercato.demo.pictures.designs.parts import bars, leaf
from mercato.demo.pictures.ink import GLASS, GOLD, WOOD, Ink
from mercato.demo.pictures.sheet import Sheet


def coffee_bag(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 690, 220, 22)
    bag = "M244 150 L556 150 C560 300 586 420 584 640 C584 676 566 692 530 692 L270 692 C234 692 216 676 216 640 C214 420 240 300 244 150 Z"
    s.path(bag, s.across(c(-0.16), f"{c(0.1)} 22%", f"{c(0.02)} 52%", f"{c(-0.1)} 80%", c(-0.2)))
    s.cut(bag)
    s.path("M216 660 L300 480 L256 150 L200 150 Z", f"{c(-0.26)}@0.35")
    s.path("M584 660 L506 480 L546 150 L600 150 Z", f"{c(-0.3)}@0.4")
    s.path("M290 180 C280 330 286 500 300 680 L330 680 C316 500 310 330 324 180 Z", "#ffffff@0.14")
    s.end()
    s.rect((236, 118, 328, 46), s.down(c(0.06), c(-0.12)), 6)
    s.line("M240 141 H560", f"{c(-0.28)}@0.6", 3)
    s.rect((222, 106, 356, 18), s.tube(Ink(WOOD) if v else Ink("#d8d4ca")), 6)
    s.disc(400, 222, 18, s.round(c(0.1), c(-0.16)))
    for angle in range(0, 360, 72):
        s.disc(400 + 8 * math.cos(math.radians(angle)), 222 + 8 * math.sin(math.radians(angle)), 2, c(-0.34))
    if v == 0:
        s.rect((282, 300, 236, 270), "#f8f3e8", 6)
        bars(s, (310, 330, 180, 66), "#3a2a20", (0.9, 0.6))
        _bean(s, 400, 460, 44)
        bars(s, (330, 532, 140, 20), "#a3978a", (1.0,))
    else:
        s.disc(400, 420, 116, "#f8f3e8")
        s.ring((400, 420, 102, 102), f"{c(-0.04)}@0.9", 4)
        _bean(s, 364, 410, 38)
        _bean(s, 436, 436, 38)
        bars(s, (310, 576, 180, 56), "#f8f3e8", (0.9, 0.6))


def _bean(s: Sheet, x: float, y: float, size: float) -> None:
    s.turn(28, x, y)
    s.oval((x, y, size * 0.66, size), s.round("#8a5a36", "#4a2a18"))
    s.line(
        f"M{x} {y - size * 0.9} C{x + size * 0.4} {y - size * 0.3} {x - size * 0.4} {y + size * 0.3} {x} {y + size * 0.9}",
        "#2b160b",
        size * 0.1,
    )
    s.end()


def tea_tin(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 690, 200, 22)
    if v == 0:
        s.rect((240, 220, 320, 470), s.cylinder(c, 1.1), 16)
        s.rect((230, 140, 340, 92), s.cylinder(c, 1.2), 16)
        s.oval((400, 146, 166, 20), s.slanted(c(0.2), c(0.0)))
        s.path("M240 232 H560 V250 H240 Z", f"{c(-0.3)}@0.4")
    else:
        s.path(
            "M236 240 L564 240 L564 676 C564 686 556 690 548 690 L252 690 C244 690 236 686 236 676 Z",
            s.across(c(-0.06), f"{c(0.1)} 30%", f"{c(0.0)} 66%", c(-0.16)),
        )
        s.path("M226 180 L574 180 L564 246 L236 246 Z", s.across(c(-0.1), f"{c(0.14)} 30%", c(-0.16)))
        s.rect((250, 150, 300, 36), s.tube(c), 12)
    s.rect((270, 320, 260, 280), "#fbf7ec", 10)
    s.rect((282, 332, 236, 256), "none", 6, stroke=GOLD, stroke_width=3)
    for degrees, length in ((-46, 74), (0, 96), (46, 74)):
        leaf(s, 400, 470, length, degrees)
    bars(s, (316, 496, 168, 64), "#50584a", (0.9, 0.5))
    s.path("M268 270 C262 400 262 540 268 670 L292 670 C284 540 284 400 296 260 Z", "#ffffff@0.28")


def chocolate(s: Sheet, c: Ink, v: int) -> None:
    cocoa = Ink("#5a3523") if v == 0 else Ink("#8a5a38")
    s.turn(12)
    s.hover("M220 96 H580 V704 H220 Z", x=12, y=18)
    s.rect((220, 100, 360, 300), cocoa(-0.06), 8)
    for row in range(4):
        for column in range(4):
            x, y = 226 + column * 87, 104 + row * 66
            s.rect((x, y, 84, 62), cocoa(-0.14), 6)
            s.rect((x + 8, y + 7, 68, 46), s.slanted(cocoa(0.12), cocoa(-0.02)), 5)
    s.path(
        "M208 330 L240 312 L270 334 L306 308 L344 336 L384 310 L424 338 L462 308 L500 334 L540 310 L592 330 L592 400 L208 400 Z",
        s.across("#f2e3b0", "#c9a24b 40%", "#f6ecc8 60%", "#b98f3a"),
    )
    s.rect((206, 376, 388, 330), s.across(c(-0.1), f"{c(0.08)} 30%", f"{c(0.0)} 66%", c(-0.14)), 6)
    s.rect((240, 430, 320, 150), "#fbf5e8", 4)
    bars(s, (270, 456, 260, 96), cocoa(), (0.9, 0.6, 0.4))
    s.rect((240, 610, 320, 12), f"{c.contrast()}@0.5", 6)
    s.rect((240, 636, 200, 12), f"{c.contrast()}@0.35", 6)
    s.path("M206 376 L300 376 L206 640 Z", "#ffffff@0.15")
    s.end()


def honey(s: Sheet, c: Ink, v: int) -> None:
    nectar = Ink("#e2a22d") if v == 0 else Ink("#b8562f")
    s.floor(400, 676, 220, 24)
    jar = "M240 290 L560 290 C596 310 604 340 604 380 L604 620 C604 658 584 676 548 676 L252 676 C216 676 196 658 196 620 L196 380 C196 340 204 310 240 290 Z"
    s.path(jar, f"{GLASS}@0.9")
    s.cut(jar)
    s.path(
        "M210 340 C300 328 480 352 592 338 L592 664 L210 664 Z",
        s.across(nectar(-0.16), f"{nectar(0.1)} 26%", f"{nectar(0.02)} 60%", nectar(-0.18)),
    )
    s.rect(
        (190, 290, 420, 390),
        s.across("#6f5a3a@0.35", "#ffffff@0.5 10%", "#ffffff@0 26%", "#ffffff@0 76%", "#6f5a3a@0.35"),
    )
    s.end()
    s.rect((224, 200, 352, 96), s.cylinder(c, 1.1), 16)
    s.oval((400, 206, 170, 20), s.slanted(c(0.2), c(0.02)))
    for x in range(238, 570, 15):
        s.line(f"M{x} 232 L{x} 284", f"{c(-0.22)}@0.4", 4)
    s.rect((268, 400, 264, 190), "#fdf8ea", 10)
    if v == 0:
        for dx, dy in ((0, 0), (52, 0), (26, 45), (-26, 45), (78, 45)):
            corners = (math.radians(60 * k + 30) for k in range(6))
            points = " L".join(f"{374 + dx + 28 * math.cos(a):.0f} {444 + dy + 28 * math.sin(a):.0f}" for a in corners)
            s.path(
                f"M{points} Z", nectar(0.04) if (dx + dy) % 2 == 0 else nectar(0.14), stroke="#fdf8ea", stroke_width=4
            )
    else:
        for x, y in ((372, 470), (428, 470), (400, 440)):
            s.disc(x, y, 30, s.round("#e8604a", "#a8271c"))
        leaf(s, 400, 420, 40, -40)
        leaf(s, 400, 420, 40, 40)
    bars(s, (310, 534, 180, 40), "#6a5a3c", (0.9, 0.5))


DESIGNS = {"coffee_bag": coffee_bag, "tea_tin": tea_tin, "chocolate": chocolate, "honey": honey}

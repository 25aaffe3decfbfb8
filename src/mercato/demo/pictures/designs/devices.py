"""Smartphone, smartwatch, power bank, camera, television and game controller."""

import math

from mercato.demo.pictures.designs.parts import lens, screen
from mercato.demo.pictures.ink import CHARCOAL, RUBBER, STEEL, Ink
from mercato.demo.pictures.sheet import Sheet


def smartphone(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 676, 210, 16)
    s.turn(-7, 330, 640)
    s.rect((188, 142, 256, 520), s.across(c(-0.2), f"{c(0.1)} 6%", f"{c(-0.02)} 94%", c(-0.24)), 44)
    s.rect((194, 148, 244, 508), s.slanted(c(0.14), f"{c(0.02)} 45%", c(-0.1)), 39)
    if v == 0:
        s.rect((210, 164, 122, 122), s.slanted(c(0.04), c(-0.08)), 32)
        for x, y in ((241, 195), (300, 225), (241, 255)):
            lens(s, x, y, 25)
        s.disc(298, 180, 7, "#fff6dc")
    else:
        for y in (196, 256, 316):
            lens(s, 236, y, 27)
        s.disc(282, 192, 8, "#fff6dc")
    s.path("M194 300 L300 148 L360 148 L194 400 Z", "#ffffff@0.12")
    s.end()
    s.turn(5, 500, 640)
    s.rect((372, 150, 256, 526), s.across(c(-0.24), f"{c(0.14)} 5%", f"{c(0.0)} 95%", c(-0.26)), 46)
    s.rect((377, 155, 246, 516), "#0c0d0f", 41)
    screen(s, (386, 164, 228, 498), v, 34)
    s.rect((464, 178, 72, 20), "#0c0d0f", 10)
    s.rect((450, 644, 100, 6), "#ffffff@0.8", 3)
    for column in range(4):
        s.rect((408 + column * 48, 584, 38, 38), "#ffffff@0.82" if column % 2 else f"{c(0.2)}@0.9", 11)
    s.end()


def smartwatch(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 706, 110, 12)
    s.path(
        "M318 310 C318 200 330 150 342 96 L458 96 C470 150 482 200 482 310 Z",
        s.across(c(-0.16), f"{c(0.06)} 30%", c(-0.2)),
    )
    s.path(
        "M318 500 C318 610 330 650 342 704 L458 704 C470 650 482 610 482 500 Z",
        s.across(c(-0.16), f"{c(0.06)} 30%", c(-0.2)),
    )
    for y in (600, 628, 656):
        s.oval((400, y, 9, 6), c(-0.34) if not c.is_dark else "#0d0e10")
    s.rect((342, 92, 116, 10), c(-0.24), 5)
    case = Ink(STEEL) if c.is_pale or v == 1 else Ink(CHARCOAL)
    s.rect((548, 360, 24, 62), s.tube(case), 10)
    s.rect((552, 450, 12, 56), s.tube(case), 6)
    if v == 0:
        s.rect((244, 250, 312, 310), s.metal(case), 92)
        s.rect((258, 264, 284, 282), "#060708", 80)
        for radius, color, share in ((96, "#ff4d6d", 0.82), (72, "#a6ff4d", 0.64), (48, "#4de1ff", 0.9)):
            s.ring((400, 405, radius, radius), f"{color}@0.22", 18)
            s.line(_arc(400, 405, radius, share), color, 18)
    else:
        s.disc(400, 405, 166, s.metal(case))
        s.disc(400, 405, 150, "#0a0b0d")
        for tick in range(60):
            angle = math.tau * tick / 60
            inner = 126 if tick % 5 == 0 else 134
            east, south = math.sin(angle), -math.cos(angle)
            s.line(
                f"M{400 + inner * east:.0f} {405 + inner * south:.0f} L{400 + 140 * east:.0f} {405 + 140 * south:.0f}",
                "#e8e8e8" if tick % 5 == 0 else "#77797e",
                3,
            )
        s.line("M400 405 L350 350", "#ffffff", 9)
        s.line("M400 405 L478 330", "#ffffff", 7)
        s.line("M400 430 L400 290", "#ff7a3d", 3)
        s.disc(400, 405, 9, "#ff7a3d")
    s.path("M290 300 C320 268 380 264 420 268 C340 300 290 360 276 440 C262 390 266 330 290 300 Z", "#ffffff@0.1")


def _arc(x: float, y: float, radius: float, share: float) -> str:
    """Clockwise from twelve o'clock over `share` of the circle."""
    angle = math.tau * share
    large = 1 if share > 0.5 else 0
    return f"M{x} {y - radius} A{radius} {radius} 0 {large} 1 {x + radius * math.sin(angle):.1f} {y - radius * math.cos(angle):.1f}"


def powerbank(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(-72 14)" if v == 0 else "translate(0 0)")
    s.floor(400, 662, 150, 20)
    if v == 0:
        s.line("M446 150 C446 60 620 70 620 200 C620 360 664 420 640 560", RUBBER, 13)
        s.line("M443 148 C446 64 616 74 616 200 C616 360 660 420 636 556", "#5b5e63", 3)
        s.rect((424, 130, 44, 44), s.cylinder(Ink(RUBBER)), 8)
        s.rect((622, 556, 40, 66), s.cylinder(Ink(RUBBER)), 10)
        s.rect((631, 620, 22, 26), s.metal(Ink(STEEL)), 4)
    s.rect((278, 166, 244, 492), s.cylinder(c), 46)
    s.rect((278, 166, 244, 60), s.down("#ffffff@0.3", "#ffffff@0"), 44)
    s.rect((300, 186, 200, 452), s.slanted(c(0.1), f"{c(-0.02)} 50%", c(-0.1)), 30)
    if v == 1:
        for row in range(16):
            s.line(f"M318 {300 + row * 20} L482 {300 + row * 20}", f"{c(-0.2)}@0.5", 5)
        s.rect((330, 152, 46, 18), "#141518", 6)
        s.rect((424, 152, 46, 18), "#141518", 6)
    for index in range(4):
        s.disc(352 + index * 32, 244, 8, "#8df0b0" if index < 3 else c(-0.2))
    s.path("M408 388 L366 468 L396 468 L388 530 L436 440 L404 440 Z", f"{c.contrast()}@0.55")
    s.end()


def camera(s: Sheet, c: Ink, v: int) -> None:
    trim = Ink("#c9ccd0") if v == 1 else Ink(CHARCOAL)
    s.floor(400, 626, 290, 24)
    if v == 0:
        s.path(
            "M288 262 L324 186 C330 174 340 170 352 170 L448 170 C460 170 470 174 476 186 L512 262 Z",
            s.down(c(0.1), c(-0.1)),
        )
        s.rect((356, 158, 88, 18), trim(-0.1), 6)
    else:
        s.rect((320, 198, 160, 50), s.down(trim(0.1), trim(-0.12)), 8)
        s.rect((340, 210, 60, 30), "#12161c", 6)
    s.rect((560, 214, 74, 44), s.metal(trim), 10)
    s.rect((188, 220, 90, 36), s.metal(trim), 10)
    s.rect((120, 244, 560, 376), s.across(c(-0.14), c(0.08), c(-0.02), c(-0.2)), 46)
    top = Ink(trim.color) if v == 1 else c
    s.path(
        "M120 300 L120 290 C120 262 140 244 166 244 L634 244 C660 244 680 262 680 290 L680 318 L120 318 Z",
        s.down(top(0.14), top(-0.06)),
    )
    skin = Ink(RUBBER) if v == 0 else c
    s.rect((120, 318, 560, 236), s.across(skin(-0.06), skin(0.08), skin(-0.08)))
    for row in range(19):
        s.line(
            f"M126 {326 + row * 12} L674 {326 + row * 12}",
            f"{skin(-0.2)}@0.5",
            5,
            stroke_dasharray="0.1 10",
            stroke_dashoffset=row % 2 * 5,
        )
    if v == 0:
        s.path(
            "M120 318 L196 318 C220 400 220 480 196 600 L160 618 C136 616 120 600 120 574 Z",
            s.across(skin(-0.06), skin(0.14), skin(-0.06)),
        )
    s.disc(400, 442, 176, s.slanted("#6a6d73", "#1a1b1e"))
    s.disc(400, 442, 164, s.metal(Ink("#2a2c30")))
    for notch in range(48):
        angle = math.tau * notch / 48
        s.line(
            f"M{400 + 150 * math.cos(angle):.0f} {442 + 150 * math.sin(angle):.0f} "
            f"L{400 + 162 * math.cos(angle):.0f} {442 + 162 * math.sin(angle):.0f}",
            "#0d0e10",
            4,
        )
    s.disc(400, 442, 142, s.slanted("#3a3d42", "#121316"))
    s.ring((400, 442, 130, 130), f"{c(0.2) if v == 0 else '#d8b25a'}@0.8", 3)
    lens(s, 400, 442, 122)
    s.disc(608, 282, 12, "#fff2cf" if v == 0 else "#d4483b")


def television(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 606, 300, 12)
    if v == 0:
        for x, lean in ((190, -34), (610, 34)):
            s.path(f"M{x - 9} 556 L{x + 9} 556 L{x + lean + 12} 608 L{x + lean - 12} 608 Z", s.metal(c))
    else:
        s.path("M270 608 C280 592 330 588 400 588 C470 588 520 592 530 608 Z", s.metal(c))
        s.rect((376, 550, 48, 46), s.cylinder(c))
    s.rect((62, 176, 676, 392), s.across(c(-0.04), c(0.1), c(-0.12)), 8)
    s.rect((67, 181, 666, 376), "#0e0f11", 5)
    screen(s, (74, 188, 652, 362), 2 if v == 0 else 1, 2)
    s.rect((378, 560, 44, 4), f"{c.contrast()}@0.8", 2)


def gamepad(s: Sheet, c: Ink, v: int) -> None:
    body = (
        "M246 246 C306 226 494 226 554 246 C632 262 676 380 694 500 C710 604 664 640 614 610 C566 580 548 512 498 496 "
        "L302 496 C252 512 234 580 186 610 C136 640 90 604 106 500 C124 380 168 262 246 246 Z"
    )
    s.floor(400, 626, 290, 20, strength=0.26)
    for x in (190, 490):
        s.path(f"M{x} 262 C{x} 216 {x + 120} 204 {x + 120} 244 Z", s.down(c(-0.12), c(-0.26)))
    s.path(body, s.down(c(0.12), f"{c(0.02)} 40%", c(-0.16)))
    s.cut(body)
    s.path("M90 640 C130 640 150 470 240 420 C200 520 240 640 90 640 Z", "#000000@0.12")
    s.path("M710 640 C670 640 650 470 560 420 C600 520 560 640 710 640 Z", "#000000@0.2")
    s.path("M140 330 C180 250 300 236 400 238 C280 250 190 300 150 420 Z", "#ffffff@0.25")
    if v == 1:
        s.path("M300 496 C340 400 460 400 500 496 L500 560 L300 560 Z", Ink(RUBBER)(0.06))
    s.end()
    dark = Ink(RUBBER)
    left, right = ((322, 430), (478, 430)) if v == 0 else ((250, 336), (478, 430))
    for x, y in (left, right):
        s.disc(x, y, 52, s.slanted(c(-0.2), c(0.0)))
        s.disc(x, y, 45, s.down(dark(0.02), dark(0.1)))
        s.disc(x, y - 5, 38, s.round(dark(0.28), dark(0.06), at=(0.4, 0.25)))
        s.ring((x, y - 5, 25, 25), f"{dark(0.3)}@0.7", 3)
    x, y = (238, 334) if v == 0 else (322, 430)
    s.path(
        f"M{x - 17} {y - 50} h34 v33 h33 v34 h-33 v33 h-34 v-33 h-33 v-34 h33 Z",
        s.slanted(dark(0.2), dark(0.04)),
        stroke=dark(-0.02),
        stroke_width=3,
    )
    for dx, dy, color in ((0, -38, "#e8c24a"), (38, 0, "#d6504f"), (0, 38, "#5fae62"), (-38, 0, "#4b86cf")):
        s.disc(562 + dx, 336 + dy, 23, dark(0.02))
        s.disc(562 + dx, 334 + dy, 20, s.round(Ink(color)(0.16), color))
    s.rect((372, 300, 56, 32), s.slanted(c(0.2), c(-0.1)), 16)
    for x in (338, 444):
        s.rect((x, 272, 20, 10), dark(0.1), 5)


DESIGNS = {
    "smartphone": smartphone,
    "smartwatch": smartwatch,
    "powerbank": powerbank,
    "camera": camera,
    "television": television,
    "gamepad": gamepad,
}

"""Garden, workshop and pets."""

import math

from mercato.demo.pictures.designs.parts import leaf, stitches
from mercato.demo.pictures.ink import CHARCOAL, CHROME, GOLD, RUBBER, STEEL, WALNUT, WOOD, Ink
from mercato.demo.pictures.sheet import Sheet


def planter(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 690, 200, 22)
    if v == 0:
        for degrees, length in ((-62, 210), (-40, 270), (-20, 310), (2, 330), (24, 300), (46, 260), (66, 200)):
            leaf(s, 400, 436, length, degrees, ("#5f8f4e", "#4f7f45", "#6d9d58")[abs(degrees) % 3])
    else:
        for degrees, length in ((-44, 300), (-24, 350), (-6, 380), (14, 360), (34, 320)):
            s.turn(degrees, 400, 450)
            s.line(f"M400 450 C392 380 408 320 400 {450 - length + 60}", "#557d48", 8)
            for step in range(4):
                y = 450 - length + 60 + step * 62
                leaf(s, 400, y, 78, -52, "#6d9d62")
                leaf(s, 400, y, 78, 52, "#5c8d52")
            leaf(s, 400, 450 - length + 66, 84, 0, "#76a86a")
            s.end()
    s.path(
        "M236 430 L564 430 L526 660 C522 682 508 692 488 692 L312 692 C292 692 278 682 274 660 Z", s.cylinder(c, 1.1)
    )
    s.rect((218, 412, 364, 62), s.cylinder(c, 1.1), 12)
    s.path("M238 474 L562 474 L560 494 L240 494 Z", f"{c(-0.28)}@0.4")
    s.oval((400, 416, 168, 16), "#4a382b")
    if v == 1:
        for y in (540, 580):
            s.line(
                f"M{252 + (y - 500) * 0.14:.0f} {y} C340 {y + 14} 460 {y + 14} {548 - (y - 500) * 0.14:.0f} {y}",
                f"{c.contrast()}@0.35",
                6,
            )


def watering_can(s: Sheet, c: Ink, v: int) -> None:
    s.floor(430, 660, 230, 20)
    s.line("M300 600 C200 560 190 420 110 300", s.across(c(-0.1), c(0.1)), 40)
    s.path("M60 312 L136 250 L168 290 L96 350 Z", s.slanted(c(0.12), c(-0.14)))
    s.turn(-39, 76, 316)
    s.oval((76, 330, 14, 54), c(-0.14))
    s.end()
    s.line("M560 340 C720 300 740 520 590 570", s.down(c(0.06), c(-0.16)), 26)
    s.path(
        "M276 330 L600 330 L616 630 C618 650 604 660 586 660 L290 660 C272 660 258 650 260 630 Z"
        if v == 0
        else "M300 330 L576 330 C640 420 650 560 620 640 C614 654 604 660 586 660 L290 660 C272 660 262 654 256 640 C226 560 236 420 300 330 Z",
        s.cylinder(c, 1.1),
    )
    s.path("M296 330 C296 270 420 262 580 330 Z", s.across(c(-0.06), c(0.1), c(-0.16)))
    s.line("M330 316 C340 170 520 170 560 322", s.across(c(-0.16), c(0.1), c(-0.14)), 24)
    band = Ink(GOLD) if v == 1 else c
    for y in (356, 622):
        s.line(
            f"M{272 if v == 0 else 268} {y} C360 {y + 12} 500 {y + 12} {604 if v == 0 else 608} {y}",
            f"{band(-0.14)}@0.8",
            9,
        )
    s.path("M300 370 C292 450 292 540 300 630 L326 630 C318 540 318 450 330 370 Z", "#ffffff@0.25")


def secateurs(s: Sheet, c: Ink, v: int) -> None:
    s.turn(26)
    shape = "M380 90 C330 170 340 270 376 350 C320 460 300 590 330 720 L372 716 C366 600 384 500 410 420 C440 500 470 600 470 716 L512 712 C526 580 490 450 436 350 C450 300 470 240 450 190 Z"
    s.hover(shape, x=14, y=20)
    steel = Ink(CHROME)
    s.path(
        "M436 360 C460 310 476 240 452 176 C440 150 424 160 420 190 C420 250 404 310 384 350 Z",
        s.across(steel(-0.2), steel(0.06), steel(-0.1)),
    )
    s.path(
        "M420 362 C350 300 320 190 384 84 C420 170 430 260 440 340 Z",
        s.across(steel(0.1), f"{steel(0.0)} 50%", steel(-0.24)),
    )
    s.path("M384 84 C340 160 340 260 400 340", "none", stroke="#ffffff", stroke_width=5, stroke_opacity=0.8)
    s.path(
        "M376 340 C320 450 296 590 322 716 C330 740 366 738 370 712 C366 600 384 500 428 410 Z",
        s.across(c(-0.08), f"{c(0.12)} 40%", c(-0.14)),
    )
    s.path(
        "M430 344 C496 450 530 590 516 712 C510 738 474 738 468 712 C470 600 444 490 396 400 Z",
        s.across(c(0.0), f"{c(0.1)} 50%", c(-0.2)),
    )
    grip = Ink(RUBBER) if v == 0 else Ink(WOOD)
    s.path(
        "M318 540 C310 600 310 670 322 716 C330 740 366 738 370 712 C366 650 368 590 376 540 Z",
        s.across(grip(0.04), grip(0.2), grip(0.0)),
    )
    s.path(
        "M508 540 C520 600 524 670 516 712 C510 738 474 738 468 712 C470 650 462 590 450 540 Z",
        s.across(grip(0.04), grip(0.2), grip(0.0)),
    )
    for step in range(7):
        s.line(f"M398 {432 + step * 9} L430 {438 + step * 9}", steel(-0.1), 4)
    s.disc(410, 366, 27, s.metal(Ink(STEEL)))
    s.disc(410, 366, 11, "#55595f")
    s.end()


def grill(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 0)" if v == 0 else "translate(0 -56)")
    dark, chrome = Ink(CHARCOAL), Ink(STEEL)
    s.floor(400, 706, 230, 16)
    if v == 0:
        s.line("M330 470 L236 700 M470 470 L564 700 M404 500 L404 700", chrome(-0.06), 14)
        s.line("M290 590 L510 590", chrome(-0.1), 9)
        for x in (250, 552):
            s.disc(x, 684, 26, s.round(dark(0.1), dark(-0.12)))
            s.disc(x, 684, 9, chrome())
        s.path("M156 350 C160 470 280 516 400 516 C520 516 640 470 644 350 Z", s.cylinder(c, 1.1))
        s.path("M156 336 C160 200 280 150 400 150 C520 150 640 200 644 336 Z", s.cylinder(c, 1.1))
        s.rect((144, 330, 512, 24), s.metal(chrome), 10)
        s.line("M350 150 C354 108 446 108 450 150", Ink(WOOD)(-0.14), 17)
        s.disc(520, 220, 22, s.metal(chrome))
        s.disc(520, 220, 15, "#fbfaf6")
        s.line("M520 220 L528 210", "#d1483b", 3)
        s.path("M206 310 C220 230 290 190 350 180 C300 210 260 250 252 316 Z", "#ffffff@0.25")
    else:
        s.rect((220, 420, 360, 270), s.across(dark(0.1), dark(0.18), dark(0.02)), 8)
        s.line("M400 430 V682", dark(-0.1), 4)
        for x in (378, 422):
            s.rect((x - 5, 500, 10, 90), s.metal(chrome), 5)
        for x in (246, 552):
            s.disc(x, 694, 22, s.round(dark(0.1), dark(-0.12)))
        for x in (76, 590):
            s.rect((x, 396, 134, 20), s.tube(chrome), 6)
        s.rect((200, 372, 400, 56), s.metal(chrome), 8)
        for x in (264, 332, 400, 468, 536):
            s.disc(x, 400, 19, s.metal(Ink(CHROME)))
            s.disc(x, 400, 13, dark(0.0))
        s.path(
            "M196 370 C192 250 240 200 300 200 L500 200 C560 200 608 250 604 370 Z",
            s.down(c(0.16), f"{c(0.02)} 45%", c(-0.16)),
        )
        s.rect((270, 316, 260, 18), s.metal(chrome), 9)
        s.disc(400, 260, 26, s.metal(chrome))
        s.disc(400, 260, 19, "#fbfaf6")
        s.line("M400 260 L410 248", "#d1483b", 4)
    s.end()


def drill(s: Sheet, c: Ink, v: int) -> None:
    dark, chrome = Ink(RUBBER), Ink(STEEL)
    s.floor(520, 690, 170, 16)
    s.rect((64, 286, 130, 14), s.tube(chrome), 3)
    for x in range(70, 190, 16):
        s.line(f"M{x} 288 L{x + 10} 298", "#6c7177", 3)
    s.path("M186 262 L250 236 L300 232 L300 354 L250 350 L186 324 Z", s.tube(dark))
    for y in range(246, 346, 13):
        s.line(f"M236 {y} L298 {y}", "#00000077", 4)
    s.path(
        "M470 380 L612 380 L640 570 L480 590 C470 520 450 470 430 430 Z", s.across(dark(0.06), dark(0.24), dark(0.0))
    )
    s.path(
        "M298 206 L360 190 L600 190 C660 190 690 226 690 290 C690 350 670 390 620 396 L430 396 L298 384 Z",
        s.down(c(0.16), f"{c(0.02)} 45%", c(-0.2)),
    )
    s.rect((330, 206, 60, 176), s.down(dark(0.2), dark(0.0)), 8)
    for y in range(224, 380, 15):
        s.line(f"M336 {y} L384 {y}", "#00000055", 4)
    s.path("M620 214 C666 230 676 340 640 384 L600 392 C640 340 640 250 600 194 Z", dark(0.08))
    for x in (480, 508, 536, 564):
        s.line(f"M{x} 226 L{x - 8} 262", c(-0.3), 7)
    s.path(
        "M424 400 L468 396 C462 430 470 452 482 470 L448 482 C430 458 422 430 424 400 Z",
        s.down("#d6503f" if v == 0 else dark(0.3), "#8f2a1f" if v == 0 else dark(0.1)),
    )
    s.path(
        "M436 590 L676 560 L692 664 C694 680 686 690 670 690 L450 690 C434 690 426 682 428 666 Z",
        s.down(dark(0.22), dark(0.0)),
    )
    s.path("M432 624 L684 600 L688 630 L430 654 Z", c())
    for index in range(3):
        s.rect((600 + index * 22, 662, 15, 8), "#74e08d" if index < 2 else "#46494e", 3)
    s.path("M400 214 L590 206 C540 222 460 228 400 232 Z", "#ffffff@0.35")
    if v == 1:
        s.rect((300, 420, 120, 34), s.tube(dark), 14)
        s.rect((330, 380, 40, 60), s.cylinder(dark), 8)


def hammer(s: Sheet, c: Ink, v: int) -> None:
    s.turn(34)
    shaft = Ink(WOOD) if v == 0 else c
    s.hover("M376 200 H424 L430 740 H370 Z M250 130 H540 V230 H250 Z", x=14, y=20)
    s.path("M378 220 L422 220 L428 470 L372 470 Z", s.cylinder(shaft))
    s.path(
        "M372 460 L428 460 C440 560 436 660 432 728 C430 744 370 744 368 728 C364 660 360 560 372 460 Z",
        s.cylinder(c if v == 0 else Ink(RUBBER), 1.1),
    )
    for y in range(500, 720, 26):
        s.line(f"M374 {y} C390 {y + 8} 410 {y + 8} 426 {y}", f"{(c if v == 0 else Ink(RUBBER)).contrast()}@0.3", 5)
    steel = Ink(STEEL)
    s.path("M366 136 L434 136 L440 236 L360 236 Z", s.down(steel(0.12), f"{steel(0.0)} 50%", steel(-0.24)))
    s.path(
        "M364 146 C330 150 316 146 300 150 L300 222 C320 226 340 222 364 226 Z",
        s.down(steel(0.14), f"{steel(-0.02)} 50%", steel(-0.26)),
    )
    s.rect((252, 136, 54, 100), s.down(steel(0.2), f"{steel(0.0)} 45%", steel(-0.28)), 10)
    s.path(
        "M434 140 C500 134 560 166 596 236 C600 246 590 252 582 244 C548 210 500 202 436 224 Z",
        s.down(steel(0.16), f"{steel(-0.02)} 50%", steel(-0.24)),
    )
    s.line("M444 176 C500 170 546 190 580 230", f"{steel(-0.24)}@0.8", 5)
    s.end()


def toolbox(s: Sheet, c: Ink, v: int) -> None:
    dark, chrome = Ink(CHARCOAL), Ink(STEEL)
    s.floor(400, 642, 310, 22)
    if v == 0:
        s.line(
            "M270 300 L270 226 C270 206 284 196 304 196 L496 196 C516 196 530 206 530 226 L530 300",
            s.down(dark(0.24), dark(-0.04)),
            26,
        )
    else:
        s.turn(-18, 300, 320)
        s.rect((284, 130, 24, 220), s.cylinder(Ink("#d9a441")), 10)
        s.rect((290, 90, 12, 60), s.metal(chrome), 3)
        s.end()
        s.turn(10, 420, 320)
        s.path(
            "M404 110 C380 130 384 166 410 176 L410 340 L436 340 L436 176 C462 166 466 130 442 110 L442 142 L404 142 Z",
            s.metal(chrome),
        )
        s.end()
        s.turn(26, 540, 320)
        s.rect((526, 150, 22, 200), s.cylinder(Ink(WALNUT)), 8)
        s.rect((490, 124, 100, 40), s.down("#a9adb2", "#6d7177"), 6)
        s.end()
    s.path(
        "M110 350 L690 350 L670 300 L130 300 Z" if v == 0 else "M110 350 L690 350 L676 326 L124 326 Z",
        s.down(dark(0.24), dark(0.04)),
    )
    s.rect((96, 346, 608, 290), s.across(c(-0.12), f"{c(0.08)} 28%", f"{c(0.0)} 62%", c(-0.18)), 18)
    s.rect((96, 346, 608, 48), s.down("#ffffff@0.25", "#ffffff@0"), 18)
    s.rect((96, 590, 608, 46), s.down("#000000@0", "#000000@0.22"), 18)
    s.rect((96, 420, 608, 16), s.down(dark(0.04), dark(0.18)))
    for x in (190, 550):
        s.rect((x, 396, 60, 76), s.metal(chrome), 8)
        s.rect((x + 14, 440, 32, 20), dark(0.1), 4)
    s.rect((320, 490, 160, 76), f"{c.contrast()}@0.22", 10)
    for x in (116, 650):
        s.rect((x, 356, 34, 270), f"{c(-0.22)}@0.35", 8)


def dog_bed(s: Sheet, c: Ink, v: int) -> None:
    inner = c.mixed("#f8f1e3", 0.75) if not c.is_pale else Ink("#b7a48a")
    s.floor(400, 590, 330, 26)
    s.path(
        "M84 440 C84 330 220 270 400 270 C580 270 716 330 716 440 L716 480 C716 560 580 612 400 612 C220 612 84 560 84 480 Z",
        s.cylinder(c, 1.1),
    )
    s.oval((400, 420, 316, 150), s.down(c(0.12), c(-0.04)))
    s.oval((400, 432, 236, 102), s.down(c(-0.3), c(-0.12)))
    s.oval((400, 452, 222, 86), s.round(inner(0.06), f"{inner(0.0)} 55%", inner(-0.14), at=(0.45, 0.4), reach=0.65))
    if v == 0:
        for x, y in ((320, 440), (400, 470), (480, 440), (400, 420)):
            s.disc(x, y, 7, inner(-0.16))
    else:
        for index in range(26):
            x = 196 + (index * 67) % 410
            y = 396 + (index * 41) % 110
            s.line(f"M{x} {y} q8 -8 16 0", f"{inner(-0.14)}@0.6", 4)
    s.path(
        "M250 486 C300 552 500 552 550 486 C566 470 590 486 590 520 C590 570 560 600 520 604 C440 616 360 616 280 604 "
        "C240 600 210 570 210 520 C210 486 234 470 250 486 Z",
        s.down(c(0.06), f"{c(0.08)} 35%", c(-0.16)),
    )
    for x, sweep in ((128, 12), (672, -12)):
        s.line(f"M{x} 440 C{x + sweep} 480 {x + sweep} 520 {x + 2 * sweep} 556", f"{c(-0.24)}@0.4", 5)
    if v == 1:
        _bone(s, 400, 448, c.contrast())


def _bone(s: Sheet, x: float, y: float, color: str) -> None:
    s.path(
        f"M{x - 60} {y - 12} a22 22 0 1 0 -20 14 a22 22 0 1 0 20 14 h120 a22 22 0 1 0 20 -14 a22 22 0 1 0 -20 -14 Z",
        f"{color}@0.9",
    )


def pet_bowl(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -56)")
    s.floor(400, 600, 300, 24)
    s.path("M176 350 L624 350 L700 560 C708 590 690 604 660 604 L140 604 C110 604 92 590 100 560 Z", s.cylinder(c, 1.1))
    s.oval((400, 352, 226, 62), s.across(c(-0.02), c(0.18), c(-0.06)))
    s.oval((400, 356, 202, 50), s.metal(Ink(CHROME)))
    s.oval((400, 366, 184, 40), s.down("#7d8288", "#d5d8db"))
    if v == 0:
        for index in range(48):
            angle = index * 2.399
            radius = math.sqrt(index / 48)
            x, y = 400 + 165 * radius * math.cos(angle), 366 + 30 * radius * math.sin(angle)
            ink = Ink(("#a9713f", "#8b5a30", "#bd8450")[index % 3])
            s.oval((x, y - 4, 15, 11), s.round(ink(0.1), ink(-0.1)))
    else:
        s.oval((400, 372, 176, 34), s.slanted("#cfe6ef", "#8fbccd"))
        s.oval((340, 364, 60, 8), "#ffffff@0.6")
    _bone(s, 400, 490, c.contrast())
    s.rect((112, 586, 576, 18), s.tube(Ink(RUBBER)), 9)
    s.path("M206 400 C186 460 170 520 160 570 L190 570 C200 510 216 450 236 404 Z", "#ffffff@0.3")
    s.end()


def collar(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -120)")
    metal = Ink(GOLD) if v == 1 else Ink(CHROME)
    s.floor(400, 600, 250, 22)
    s.path(
        "M140 360 C140 250 660 250 660 360 L660 400 C660 300 140 300 140 400 Z", s.across(c(-0.28), c(-0.14), c(-0.3))
    )
    band = "M140 360 C140 510 280 560 400 560 C520 560 660 510 660 360 L660 430 C660 580 520 640 400 640 C280 640 140 580 140 430 Z"
    s.path(band, s.cylinder(c, 1.1))
    stitches(s, "M146 384 C160 520 290 572 400 572 C510 572 640 520 654 384", f"{c.contrast()}@0.7", 3)
    stitches(s, "M148 426 C166 556 290 626 400 626 C510 626 634 556 652 426", f"{c.contrast()}@0.7", 3)
    if v == 0:
        for x, y in ((200, 500), (252, 546), (548, 546), (600, 500)):
            s.path(f"M{x} {y - 18} L{x + 14} {y} L{x} {y + 18} L{x - 14} {y} Z", f"{c.contrast()}@0.75")
    s.rect((316, 546, 168, 108), s.tube(Ink(CHARCOAL)) if v == 0 else s.metal(metal), 16)
    s.rect((338, 566, 124, 68), s.down("#3a3d42", "#17181b") if v == 0 else c(-0.04), 10)
    s.line("M400 566 V634", metal(), 9)
    s.ring((400, 664, 26, 26), metal(-0.06), 9)
    s.disc(400, 716, 42, s.slanted(metal(0.2), f"{metal(0.0)} 55%", metal(-0.16)))
    s.ring((400, 716, 32, 32), f"{metal(-0.2)}@0.7", 3)
    s.end()


def cat_tree(s: Sheet, c: Ink, v: int) -> None:
    rope = Ink("#d1b384")
    s.floor(400, 704, 250, 16)
    s.rect((170, 664, 460, 40), s.tube(c), 16)
    posts = ((270, 300), (530, 200)) if v == 0 else ((250, 180), (540, 340))
    for x, top in posts:
        s.rect((x - 26, top, 52, 668 - top), s.cylinder(rope))
        for y in range(top + 8, 664, 9):
            s.line(f"M{x - 26} {y} L{x + 26} {y + 5}", f"{rope(-0.2)}@0.55", 3)
    (low, low_top), (high, high_top) = sorted(posts, key=lambda post: -post[1])
    s.rect((low - 130, low_top - 30, 260, 38), s.tube(c), 18)
    s.rect((high - 110, high_top - 30, 220, 38), s.tube(c), 18)
    s.path(
        f"M{high - 104} {high_top - 30} C{high - 110} {high_top - 100} {high + 110} {high_top - 100} {high + 104} {high_top - 30} C{high + 60} {high_top - 8} {high - 60} {high_top - 8} {high - 104} {high_top - 30} Z",
        s.cylinder(c),
    )
    s.oval((high, high_top - 60, 88, 22), s.down(c(-0.3), c(-0.1)))
    house = (330, 480, 170, 186) if v == 0 else (300, 500, 170, 166)
    s.rect(house, s.across(c(-0.1), f"{c(0.08)} 40%", c(-0.14)), 18)
    s.disc(house[0] + 85, house[1] + 90, 54, s.round("#1d1a18", "#4a423a", at=(0.5, 0.6)))
    s.ring((house[0] + 85, house[1] + 90, 54, 54), c(-0.2), 6)
    s.line(f"M{low + 110 if low < 400 else low - 110} {low_top} v90", "#b9a98e", 4)
    s.disc(low + 110 if low < 400 else low - 110, low_top + 106, 22, s.round("#f0b05a", "#c9772c"))


DESIGNS = {
    "planter": planter,
    "watering_can": watering_can,
    "secateurs": secateurs,
    "grill": grill,
    "drill": drill,
    "hammer": hammer,
    "toolbox": toolbox,
    "dog_bed": dog_bed,
    "pet_bowl": pet_bowl,
    "collar": collar,
    "cat_tree": cat_tree,
}

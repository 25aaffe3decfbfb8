"""Lamps, furniture and textiles for the home, and what keeps it clean."""

from mercato.demo.pictures.designs.parts import leaf
from mercato.demo.pictures.ink import CHARCOAL, GLASS, GOLD, RUBBER, STEEL, WALNUT, WOOD, Ink
from mercato.demo.pictures.sheet import Sheet

SPINES = ("#b0413e", "#2f5d62", "#e0b252", "#49588f", "#e9e2d0", "#7c5c8c", "#4f7f58", "#cf7a4a", "#30343b")


def table_lamp(s: Sheet, c: Ink, v: int) -> None:
    s.oval((400, 330, 330, 300), s.round("#ffe3a3@0.5", "#ffe3a3@0", at=(0.5, 0.5), reach=0.5))
    s.floor(400, 672, 130, 18)
    if v == 0:
        s.rect((390, 370, 20, 60), s.metal(Ink(GOLD)))
        s.path(
            "M372 414 L428 414 C444 440 520 480 520 560 C520 630 470 668 440 670 L360 670 C330 668 280 630 280 560 C280 480 356 440 372 414 Z",
            s.cylinder(c, 1.1),
        )
        s.path("M306 560 C310 500 350 472 372 452 C344 500 330 560 340 640 C318 620 304 600 306 560 Z", "#ffffff@0.3")
    else:
        s.rect((388, 370, 24, 290), s.metal(Ink(WOOD)), 4)
        s.path("M280 672 C282 640 330 632 400 632 C470 632 518 640 520 672 Z", s.cylinder(c))
        s.line("M470 378 L470 440", GOLD, 4)
        s.disc(470, 448, 9, GOLD)
    shade = Ink("#f3e7d0") if v == 0 else c
    s.path(
        "M300 120 L500 120 L590 372 C480 392 320 392 210 372 Z",
        s.across(shade(-0.16), f"{shade(0.1)} 38%", f"{shade(0.1)} 55%", shade(-0.2)),
    )
    s.path(
        "M300 120 L500 120 L590 372 C480 392 320 392 210 372 Z",
        s.round("#fff1c4@0.75", "#ffe2a0@0.2 60%", "#ffe2a0@0", at=(0.5, 0.75), reach=0.6),
    )
    s.line("M210 372 C320 392 480 392 590 372", f"{shade(-0.2)}@0.7", 6)
    s.line("M300 120 C360 126 440 126 500 120", f"{shade(-0.2)}@0.7", 6)


def desk_lamp(s: Sheet, c: Ink, v: int) -> None:
    s.floor(330, 672, 190, 18)
    s.path("M486 330 L730 560 L420 600 Z", s.down("#ffe7ae@0.55", "#ffe7ae@0"))
    s.path("M190 672 C190 636 250 624 320 624 C390 624 450 636 450 672 Z", s.cylinder(c))
    s.rect((306, 560, 28, 70), s.metal(Ink(STEEL)), 6)
    joint = (250, 370) if v == 0 else (210, 400)
    s.line(f"M320 590 L{joint[0]} {joint[1]}", c(-0.12), 20)
    s.line(f"M316 588 L{joint[0] - 4} {joint[1]}", c(0.14), 5)
    s.line(f"M{joint[0]} {joint[1]} L450 220", c(-0.06), 18)
    s.line(f"M{joint[0] - 3} {joint[1] - 5} L446 214", c(0.18), 5)
    s.disc(joint[0], joint[1], 22, s.metal(Ink(STEEL)))
    s.disc(320, 590, 18, s.metal(Ink(STEEL)))
    s.turn(48, 470, 240)
    s.rect((440, 150, 60, 60), s.cylinder(c), 16)
    s.path("M420 206 L520 206 C560 240 590 290 596 344 L344 344 C350 290 380 240 420 206 Z", s.cylinder(c, 1.1))
    s.oval((470, 344, 126, 22), s.round("#fffdf0", "#ffe6a6 70%", c(-0.1), at=(0.5, 0.5), reach=0.55))
    s.end()


def floor_lamp(s: Sheet, c: Ink, v: int) -> None:
    s.oval((400, 220, 290, 230), s.round("#ffe3a3@0.5", "#ffe3a3@0", at=(0.5, 0.5), reach=0.5))
    s.floor(400, 720, 180, 14)
    wood = Ink(WOOD) if v == 0 else Ink("#34363a")
    s.line("M404 300 L420 716", wood(-0.2), 14)
    s.line("M396 300 L268 720", wood(), 16)
    s.line("M404 300 L532 720", wood(-0.08), 16)
    s.line("M330 540 L470 540", GOLD, 5)
    s.rect((374, 286, 52, 34), s.metal(Ink(GOLD)), 8)
    top = 96 if v == 0 else 110
    s.path(
        f"M{258 if v == 0 else 290} {top} H{542 if v == 0 else 510} L556 296 C480 310 320 310 244 296 Z",
        s.across(c(-0.16), f"{c(0.12)} 36%", f"{c(0.1)} 55%", c(-0.2)),
    )
    s.path(
        f"M{258 if v == 0 else 290} {top} H{542 if v == 0 else 510} L556 296 C480 310 320 310 244 296 Z",
        s.round("#fff1c4@0.8", "#ffe2a0@0.15 70%", "#ffe2a0@0", at=(0.5, 0.8), reach=0.55),
    )


def cushion(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 652, 240, 20)
    outline = (
        "M150 170 C230 196 330 182 400 182 C470 182 570 196 650 170 C632 250 640 330 640 410 C640 490 634 570 654 648 "
        "C570 626 470 636 400 636 C330 636 230 626 146 648 C166 570 160 490 160 410 C160 330 168 250 150 170 Z"
    )
    s.path(outline, s.round(c(0.12), f"{c(0.03)} 45%", f"{c(-0.1)} 80%", c(-0.2), at=(0.42, 0.36), reach=0.72))
    s.cut(outline)
    pale = c.mixed("#f6f1e6", 0.75) if not c.is_pale else c.mixed("#8d9094", 0.45)
    if v == 0:
        for x in range(170, 700, 96):
            bend = (400 - x) * 0.14
            s.line(f"M{x} 160 C{x - bend} 300 {x - bend} 520 {x} 660", f"{pale()}@0.75", 26)
            s.line(f"M{x + 32} 160 C{x + 32 - bend} 300 {x + 32 - bend} 520 {x + 32} 660", f"{pale()}@0.5", 5)
    else:
        for row in range(6):
            for column in range(6):
                x, y = 205 + column * 78, 222 + row * 74
                s.path(f"M{x} {y - 24} L{x + 24} {y} L{x} {y + 24} L{x - 24} {y} Z", f"{pale()}@0.7")
                s.disc(x, y, 5, f"{c(-0.1)}@0.8")
    s.rect((140, 160, 520, 500), s.round("#ffffff@0.22", "#ffffff@0 50%", "#10131a@0.3", at=(0.4, 0.34), reach=0.72))
    s.path("M150 170 C220 220 240 250 250 290 C210 240 180 210 150 170 Z", "#10131a@0.12")
    s.path("M650 170 C590 220 570 250 556 300 C600 250 630 210 650 170 Z", "#10131a@0.15")
    s.path("M654 648 C590 600 560 580 548 530 C600 570 630 610 654 648 Z", "#10131a@0.2")
    s.end()
    s.line(outline, f"{c(-0.16)}@0.55", 4)


def armchair(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 690, 270, 20)
    wood = Ink(WALNUT) if v == 0 else Ink(WOOD)
    for x, lean in ((214, -26), (586, 26), (276, -8), (524, 8)):
        s.path(f"M{x - 14} 590 L{x + 14} 590 L{x + lean + 8} 692 L{x + lean - 8} 692 Z", s.cylinder(wood))
    if v == 0:
        s.path(
            "M214 420 C196 240 210 124 300 116 C360 110 440 110 500 116 C590 124 604 240 586 420 Z",
            s.across(c(-0.14), f"{c(0.1)} 30%", f"{c(0.02)} 60%", c(-0.18)),
        )
        for row, xs in ((190, (310, 400, 490)), (270, (355, 445)), (350, (310, 400, 490))):
            for x in xs:
                s.oval((x, row, 13, 10), f"{c(-0.3)}@0.3")
                s.disc(x, row, 6, c(-0.14))
    else:
        s.rect((206, 130, 388, 320), s.across(c(-0.14), f"{c(0.1)} 30%", f"{c(0.02)} 60%", c(-0.18)), 44)
        for x in (303, 400, 497):
            s.line(f"M{x} 150 C{x + 4} 250 {x + 4} 330 {x} 440", f"{c(-0.26)}@0.55", 6)
            s.line(f"M{x + 7} 150 C{x + 11} 250 {x + 11} 330 {x + 7} 440", f"{c(0.2)}@0.35", 4)
    s.path("M176 520 L624 520 L612 612 C500 624 300 624 188 612 Z", s.down(c(-0.12), c(-0.24)))
    s.path(
        "M216 430 C220 404 240 398 270 398 L530 398 C560 398 580 404 584 430 L590 520 C500 546 300 546 210 520 Z",
        s.down(c(0.14), f"{c(0.02)} 45%", c(-0.14)),
    )
    s.line("M212 508 C300 536 500 536 588 508", f"{c(-0.26)}@0.6", 4)
    for left in (True, False):
        s.move("" if left else "matrix(-1 0 0 1 800 0)")
        tone = c if left else Ink(c(-0.06))
        s.path(
            "M132 400 C128 350 156 330 184 332 C222 334 236 360 232 408 L226 612 C196 620 172 616 160 606 Z",
            s.across(tone(-0.1), tone(0.1), tone(-0.14)),
        )
        s.oval((184, 372, 50, 40), s.round(tone(0.16), tone(-0.02)))
        s.end()
    s.path("M250 160 C262 136 300 132 340 130 C296 150 270 190 262 260 C248 220 242 190 250 160 Z", "#ffffff@0.16")


def sofa(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 596, 350, 16)
    wood = Ink(WALNUT)
    for x in (112, 280, 520, 688):
        s.path(f"M{x - 12} 540 L{x + 12} 540 L{x + 8} 598 L{x - 8} 598 Z", s.cylinder(wood))
    s.rect((94, 240, 612, 240), s.across(c(-0.12), f"{c(0.02)} 30%", c(-0.16)), 40)
    seats = 2 if v == 0 else 3
    width = 500 / seats
    for index in range(seats):
        left_edge = 150 + index * width
        s.rect((left_edge + 3, 256, width - 6, 190), s.round(c(0.14), f"{c(0.02)} 55%", c(-0.12), at=(0.4, 0.25)), 34)
    s.path("M84 446 L716 446 L708 552 C560 562 240 562 92 552 Z", s.down(c(-0.16), c(-0.24)))
    for index in range(seats):
        left_edge = 146 + index * width * 1.016
        s.rect((left_edge, 420, width + 2, 84), s.down(c(0.16), f"{c(0.02)} 50%", c(-0.16)), 24)
    for left in (True, False):
        s.move("" if left else "matrix(-1 0 0 1 800 0)")
        s.path(
            "M62 370 C60 340 80 326 104 328 C138 330 152 348 150 386 L148 552 C120 560 96 558 80 550 Z",
            s.across(c(-0.1), c(0.12), c(-0.14)),
        )
        s.end()
    accent = c.mixed("#f3e3c3", 0.8) if not c.is_pale else Ink("#c46c4c")
    s.turn(14, 210, 370)
    s.rect((158, 318, 112, 108), s.round(accent(0.08), accent(-0.1)), 26)
    s.end()


def candle(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -24)")
    if v == 0:
        _jar_candle(s, c)
    else:
        _pillar_candles(s, c)
    s.end()


def _jar_candle(s: Sheet, c: Ink) -> None:
    s.oval((400, 210, 210, 180), s.round("#ffdf9a@0.6", "#ffdf9a@0", at=(0.5, 0.5), reach=0.5))
    s.floor(400, 664, 210, 24)
    s.rect((220, 300, 360, 364), s.cylinder(c), 34)
    s.path("M220 330 L580 330 L580 300 L220 300 Z", s.down("#ffffff@0.2", "#ffffff@0"))
    s.oval((400, 304, 180, 36), s.across(c(0.02), c(0.24), c(-0.02)))
    s.oval((400, 308, 164, 28), s.round("#fffbe6", "#f6e2b4", at=(0.5, 0.4)))
    s.rect((284, 420, 232, 150), "#faf7f0", 6)
    s.rect((296, 432, 208, 126), "none", 3, stroke=c(-0.05), stroke_width=3)
    s.rect((330, 462, 140, 16), "#4b4741", 4)
    s.rect((352, 496, 96, 8), "#9c968c", 4)
    s.rect((366, 518, 68, 8), "#9c968c", 4)
    _flame(s, 400, 296)


def _pillar_candles(s: Sheet, c: Ink) -> None:
    s.oval((400, 200, 280, 200), s.round("#ffdf9a@0.5", "#ffdf9a@0", at=(0.5, 0.5), reach=0.5))
    s.floor(400, 664, 250, 24)
    for x, top, width in ((300, 250, 130), (500, 330, 140), (404, 430, 150)):
        s.rect((x - width / 2, top, width, 664 - top), s.cylinder(c), 12)
        s.oval((x, top + 6, width / 2, 16), s.across(c(0.06), c(0.2), c(0.0)))
        s.oval((x, top + 8, width / 2 - 12, 11), s.round("#fff3cf", c(0.1), at=(0.5, 0.5), reach=0.6))
        _flame(s, x, top + 4)


def _flame(s: Sheet, x: float, y: float) -> None:
    s.line(f"M{x} {y + 4} L{x} {y - 24}", "#3a2c20", 5)
    s.path(
        f"M{x} {y - 100} C{x + 34} {y - 54} {x + 26} {y - 14} {x} {y - 12} C{x - 26} {y - 14} {x - 34} {y - 54} {x} {y - 100} Z",
        s.down("#ffd76a", "#ff9c3a"),
    )
    s.path(
        f"M{x} {y - 66} C{x + 14} {y - 40} {x + 12} {y - 18} {x} {y - 16} C{x - 12} {y - 18} {x - 14} {y - 40} {x} {y - 66} Z",
        "#fff6d6",
    )


def bookcase(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 712, 220, 14)
    shelves = 4 if v == 0 else 5
    height = 596 / shelves
    s.rect((196, 92, 408, 616), s.across(c(-0.1), c(0.06), c(-0.12)), 4)
    s.rect((210, 106, 380, 588), c(-0.26))
    for shelf in range(shelves):
        top = 104 + shelf * height
        floor = top + height - 10
        s.rect((210, top, 380, height - 10), s.down(c(-0.34), f"{c(-0.14)} 40%", c(-0.1)))
        _shelf_load(s, shelf + v, floor, height - 10)
        s.rect((204, floor, 392, 13), s.down(c(0.14), c(-0.06)))
    s.rect((196, 92, 18, 616), s.across(c(0.0), c(0.14)), 3)
    s.rect((586, 92, 18, 616), s.across(c(0.06), c(-0.14)), 3)
    s.rect((190, 84, 420, 18), s.down(c(0.16), c(-0.04)), 3)
    s.rect((196, 694, 408, 16), c(-0.14))


def _shelf_load(s: Sheet, number: int, floor: float, room: float) -> None:
    x = 222.0
    for book in range(9 if number % 2 == 0 else 5):
        width = 14 + (book * 7 + number * 5) % 13
        tall = room * (0.6 + ((book * 13 + number * 7) % 5) * 0.06)
        ink = Ink(SPINES[(book + number * 3) % len(SPINES)])
        s.rect((x, floor - tall, width, tall), s.across(ink(-0.06), ink(0.08), ink(-0.1)), 2)
        s.rect((x + 3, floor - tall * 0.8, width - 6, 5), f"{ink(0.3)}@0.7")
        x += width + 1
    if number % 2:
        s.path(f"M470 {floor - 46} h64 l-8 46 h-48 Z", s.cylinder(Ink("#e8e3d8")))
        for degrees in (-50, -25, 0, 25, 50):
            leaf(s, 502, floor - 44, 52, degrees)
    else:
        s.rect((500, floor - 40, 74, 40), s.cylinder(Ink(WOOD)), 4)
        s.disc(540, floor - 64, 24, s.round("#f3efe6", "#b9b2a4"))


def towels(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -62)" if v == 0 else "translate(0 -20)")
    s.floor(400, 640, 280, 22)
    tones = [c, c.mixed("#f7f3ec", 0.55), c, c.mixed("#f7f3ec", 0.8)] if v == 0 else [c, c, c.mixed("#f7f3ec", 0.75)]
    if c.is_pale:
        tones = [c, Ink("#b9c2c4"), c, Ink("#d8cdb9")][: len(tones)]
    tall = 104 if v == 0 else 122
    for index, ink in enumerate(tones):
        y = 640 - (index + 1) * tall + index * 4
        width = 500 - (index % 2) * 18
        x = 400 - width / 2
        s.rect((x, y, width, tall), s.tube(ink, 0.9), tall / 2)
        s.rect((x + width - 120, y, 120, tall), s.tube(Ink(ink(0.02)), 0.9), 24)
        s.line(f"M{x + 54} {y + tall / 2} H{x + width - 14}", f"{ink(-0.24)}@0.7", 5)
        s.line(f"M{x + 54} {y + tall / 2 + 7} H{x + width - 14}", f"{ink(0.2)}@0.6", 4)
        for band in (0, 16):
            s.line(f"M{x + width - 76 + band} {y + 6} V{y + tall - 6}", f"{ink(-0.14)}@0.55", 5)
        for row in range(4):
            s.line(
                f"M{x + 48} {y + 14 + row * (tall / 4.4):.0f} H{x + width - 90}",
                f"{ink(-0.1)}@0.25",
                3,
                stroke_dasharray="3 6",
            )
    if v == 1:
        for x, ink in ((300, c), (430, c.mixed("#f7f3ec", 0.55))):
            s.oval((x + 30, 220, 62, 60), s.round(ink(0.12), ink(-0.14)))
            for radius in (46, 32, 18):
                s.ring((x + 30, 220, radius, radius), f"{ink(-0.2)}@0.5", 4)
    s.end()


def vacuum(s: Sheet, c: Ink, v: int) -> None:
    dark, chrome = Ink(RUBBER), Ink(STEEL)
    s.floor(400, 712, 150, 14)
    s.turn(9, 400, 640)
    s.rect((386, 330, 28, 320), s.metal(Ink(c(0.04)) if v else chrome), 10)
    s.rect((378, 600, 44, 50), s.cylinder(dark), 8)
    s.line("M402 120 C470 70 520 130 500 200 C490 240 470 260 440 262", s.down(dark(0.2), dark(0.04)), 28)
    s.rect((352, 108, 92, 150), s.cylinder(c), 26)
    s.rect((340, 232, 118, 150), f"{GLASS}@0.9", 24)
    s.rect((340, 232, 118, 150), s.across("#7a8288@0.6", "#ffffff@0.5 30%", "#8d969c@0.2 60%", "#59616a@0.6"), 24)
    s.path("M366 250 L432 250 L412 360 L386 360 Z", s.cylinder(c))
    for x in (374, 389, 404, 419):
        s.line(f"M{x} 256 L{399 + (x - 399) * 0.5} 350", f"{c(-0.24)}@0.6", 3)
    s.rect((346, 376, 106, 22), s.cylinder(dark), 8)
    s.disc(398, 150, 26, s.metal(chrome))
    s.disc(398, 150, 19, "#15171a")
    s.ring((398, 150, 12, 12), "#55d6a0", 4)
    s.end()
    s.path(
        "M230 672 C234 644 260 640 300 640 L450 640 C486 640 500 650 504 690 C506 708 498 714 480 714 L250 714 C232 714 226 706 230 672 Z",
        s.down(c(0.12), c(-0.16)),
    )
    s.rect((236, 690, 262, 22), s.tube(dark), 8)
    for x in range(250, 490, 18):
        s.line(f"M{x} 708 L{x + 8} 694", c(0.06), 4)


def robot_vacuum(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 560, 300, 46)
    s.path(
        "M110 400 L110 470 C110 590 240 650 400 650 C560 650 690 590 690 470 L690 400 Z", s.cylinder(Ink(c(-0.06)), 1.2)
    )
    s.path(
        "M110 436 L110 470 C110 590 240 650 400 650 C560 650 690 590 690 470 L690 436 C690 556 560 610 400 610 C240 610 110 556 110 436 Z",
        s.cylinder(Ink(CHARCOAL)),
    )
    s.oval((400, 400, 290, 200), s.slanted(c(0.16), f"{c(0.02)} 50%", c(-0.1)))
    s.ring((400, 400, 276, 188), f"{c(-0.2)}@0.4", 3)
    if v == 0:
        s.path(
            "M316 336 L316 372 C316 400 354 420 400 420 C446 420 484 400 484 372 L484 336 Z", s.cylinder(Ink(RUBBER))
        )
        s.oval((400, 336, 84, 50), s.slanted(c(0.1), c(-0.12)))
        s.ring((400, 336, 60, 36), f"{c(-0.24)}@0.5", 3)
    else:
        s.oval((400, 380, 176, 112), s.slanted("#2c2e32", "#121316"))
        s.ring((400, 380, 176, 112), s.metal(Ink(GOLD)), 5)
        s.path("M260 330 C300 290 380 276 440 282 C340 300 290 350 280 420 C252 390 246 360 260 330 Z", "#ffffff@0.12")
    for x in (364, 400, 436):
        s.oval((x, 516, 13, 8), "#ffffff@0.9" if c.is_dark else "#3d4046@0.8")
    s.oval((400, 516, 5, 3), "#59d68b")
    s.path("M150 380 C160 300 250 240 350 222 C260 260 190 320 180 420 C160 410 150 400 150 380 Z", "#ffffff@0.25")
    for degrees in (-20, 25, 70):
        s.line(f"M146 560 L{146 - 60 + degrees * 0.5:.0f} {590 + degrees * 0.5:.0f}", "#6a6e74", 4)


def wall_clock(s: Sheet, c: Ink, v: int) -> None:
    circle = "M680 400 a280 280 0 1 1 -560 0 a280 280 0 1 1 560 0 Z"
    s.hover(circle, x=14, y=24)
    s.disc(400, 400, 280, s.slanted(c(0.16), f"{c(0.0)} 50%", c(-0.2)))
    s.disc(400, 400, 252, s.slanted(c(-0.2), c(0.1)))
    face = Ink("#fbfaf6") if v == 0 else c
    s.disc(400, 400, 246, s.slanted(face(0.04), face(-0.04)))
    mark = "#2c2e33" if not face.is_dark else "#f4f2ec"
    for hour in range(12):
        s.turn(hour * 30)
        if v == 0:
            s.rect((394, 172, 12, 46 if hour % 3 == 0 else 26), mark, 5)
        else:
            s.disc(400, 190, 11 if hour % 3 == 0 else 6, mark)
        s.end()
    s.turn(306)
    s.rect((391, 270, 18, 150), mark, 9)
    s.end()
    s.turn(54)
    s.rect((394, 206, 12, 224), mark, 6)
    s.end()
    s.turn(190)
    s.rect((398, 200, 4, 250), "#d4553d", 2)
    s.end()
    s.disc(400, 400, 14, "#d4553d")
    s.path("M190 330 C220 230 310 176 400 170 C300 210 240 280 220 400 Z", "#ffffff@0.25")


DESIGNS = {
    "table_lamp": table_lamp,
    "desk_lamp": desk_lamp,
    "floor_lamp": floor_lamp,
    "cushion": cushion,
    "armchair": armchair,
    "sofa": sofa,
    "candle": candle,
    "bookcase": bookcase,
    "towels": towels,
    "vacuum": vacuum,
    "robot_vacuum": robot_vacuum,
    "wall_clock": wall_clock,
}

"""Toys, games and books."""

import math

from mercato.demo.pictures.designs.parts import bars, leaf
from mercato.demo.pictures.ink import GOLD, RUBBER, WOOD, Ink
from mercato.demo.pictures.sheet import Sheet

TOY_COLORS = ("#d9534a", "#e9b23f", "#4f8fc4", "#6aa86a", "#b07ab8")


def building_blocks(s: Sheet, c: Ink, v: int) -> None:
    wood, first, second = Ink(WOOD), Ink(TOY_COLORS[(2 + v) % 5]), Ink(TOY_COLORS[1 + 2 * v])
    s.floor(400, 660, 300, 22)
    for x, y, ink in ((150, 520, c), (510, 520, first), (330, 520, wood), (240, 380, second), (420, 380, c)):
        _cube(s, (x, y), ink)
    if v == 0:
        s.path("M318 372 C318 250 482 250 482 372 L444 372 C444 300 356 300 356 372 Z", s.cylinder(first))
        s.path("M340 252 L400 150 L460 252 Z", s.across(wood(0.1), wood(-0.12)))
        s.path("M460 252 L480 238 L420 138 L400 150 Z", wood(-0.22))
    else:
        s.rect((346, 240, 108, 138), s.cylinder(wood), 4)
        s.path("M330 242 L400 130 L470 242 Z", s.across(c(0.12), c(-0.14)))
    s.disc(652, 612, 46, s.round(second(0.2), second(-0.12)))


def _cube(s: Sheet, at: tuple[float, float], ink: Ink) -> None:
    x, y = at
    s.path(f"M{x} {y} l18 -18 h140 l-18 18 Z", ink(0.14))
    s.path(f"M{x + 140} {y} l18 -18 v140 l-18 18 Z", ink(-0.2))
    s.rect((x, y, 140, 140), s.slanted(ink(0.06), ink(-0.08)), 4)
    s.rect((x + 22, y + 22, 96, 96), "none", 10, stroke=ink(-0.14), stroke_width=5, stroke_opacity=0.7)
    s.path(f"M{x + 10} {y + 8} h60 l-40 20 h-20 Z", "#ffffff@0.2")


def teddy(s: Sheet, c: Ink, v: int) -> None:
    belly = c.mixed("#fbf1de", 0.6) if not c.is_pale else Ink("#e5d5bd")
    s.floor(400, 694, 230, 22)
    s.move("translate(0 0)" if v == 0 else "translate(40 70) scale(0.9)")
    fur = ("#ffffff@0.2", "#ffffff@0 50%", "#120c08@0.26")

    def tuft(x: float, y: float, across: float, down: float) -> None:
        s.oval((x, y, across, down), c())
        s.oval((x, y, across, down), s.round(*fur, at=(0.38, 0.28), reach=0.75))

    if v == 0:
        for x in (276, 524):
            tuft(x, 176, 66, 64)
            s.oval((x, 182, 38, 36), belly(-0.06))
    else:
        for x, lean in ((326, -8), (474, 8)):
            s.turn(lean, x, 240)
            tuft(x, 150, 46, 116)
            s.oval((x, 156, 23, 84), belly(-0.04))
            s.end()
    tuft(400, 540, 156, 150)
    s.oval((400, 560, 98, 104), s.round(belly(0.06), belly(-0.06)))
    for x, lean in ((232, 32), (568, -32)):
        s.turn(lean, x, 500)
        tuft(x, 510, 54, 100)
        s.end()
    for x in (282, 518):
        tuft(x, 636, 78, 66)
        s.oval((x, 642, 46, 38), belly(-0.02))
        for dx in (-20, 0, 20):
            s.oval((x + dx, 616, 9, 9), belly(-0.14))
    tuft(400, 300, 172, 150)
    s.oval((400, 354, 82, 64), s.round(belly(0.06), belly(-0.06)))
    s.path(
        "M366 328 C366 308 434 308 434 328 C434 348 412 358 400 362 C388 358 366 348 366 328 Z",
        s.round("#6a4f44", "#241712"),
    )
    s.line("M400 362 L400 380 M370 386 C380 400 396 396 400 382 C404 396 420 400 430 386", "#33221b", 5)
    for x in (334, 466):
        s.disc(x, 276, 17, "#1d1512")
        s.disc(x - 5, 270, 5, "#ffffff")
    bow = Ink("#b9434a") if v == 0 else Ink("#5c86b8")
    s.path(
        "M400 442 C360 410 320 412 322 446 C322 480 362 472 400 450 C438 472 478 480 478 446 C480 412 440 410 400 442 Z",
        s.down(bow(0.1), bow(-0.12)),
    )
    s.disc(400, 446, 16, bow(-0.1))
    s.end()


def board_game(s: Sheet, c: Ink, v: int) -> None:
    pale = c.mixed("#fbf5e6", 0.8)
    s.floor(390, 616, 320, 22)
    s.path("M110 250 L560 200 L580 560 L120 612 Z", s.slanted(c(0.08), c(-0.12)))
    s.path("M560 200 L620 222 L640 540 L580 560 Z", s.across(c(-0.16), c(-0.26)))
    s.path("M134 272 L540 227 L558 540 L143 586 Z", "none", stroke=pale(), stroke_width=5, stroke_opacity=0.8)
    s.cut("M110 250 L560 200 L580 560 L120 612 Z")
    s.disc(340, 390, 120, f"{pale()}@0.95")
    if v == 0:
        s.path("M250 450 L300 370 L340 420 L380 340 L440 450 Z", c(-0.1))
        s.disc(390, 318, 20, GOLD)
    else:
        s.path("M340 300 L362 366 L430 366 L376 406 L396 470 L340 430 L284 470 L304 406 L250 366 L318 366 Z", c(-0.08))
    for index, color in enumerate(TOY_COLORS):
        s.rect((170 + index * 76, 534 - index * 8, 52, 22), color, 4)
    s.path("M110 250 L330 226 L120 500 Z", "#ffffff@0.1")
    s.end()
    for x, y, color in ((560, 634, TOY_COLORS[0]), (640, 622, TOY_COLORS[2]), (692, 648, TOY_COLORS[1])):
        ink = Ink(color)
        s.floor(x, y + 8, 30, 7)
        s.path(
            f"M{x - 26} {y + 8} C{x - 20} {y - 30} {x - 10} {y - 40} {x - 10} {y - 60} L{x + 10} {y - 60} C{x + 10} {y - 40} {x + 20} {y - 30} {x + 26} {y + 8} Z",
            s.cylinder(ink),
        )
        s.disc(x, y - 72, 19, s.round(ink(0.2), ink(-0.1)))
    s.turn(-12, 240, 650)
    s.rect((200, 612, 78, 78), s.slanted("#ffffff", "#dad7d0"), 14)
    for dx, dy in ((20, 20), (58, 58), (39, 39), (58, 20), (20, 58)):
        s.disc(200 + dx, 612 + dy, 7, "#2b2c30")
    s.end()


def puzzle(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(-30 -16)" if v == 0 else "translate(-78 24)")
    tones = (c, c.mixed("#fbf5e6", 0.55), c.mixed("#2a2c30", 0.2), c.mixed("#f0b84c", 0.6 if v else 0.35))
    piece = "M0 0 H70 C64 -40 116 -40 110 0 H180 V70 C220 64 220 116 180 110 V180 H110 C116 140 64 140 70 180 H0 V110 C40 116 40 64 0 70 Z"
    places = (
        ((212, 208, 0), (392, 208, 1), (212, 388, 2), (440, 430, 3))
        if v == 0
        else ((196, 250, 0), (376, 250, 1), (196, 430, 2), (376, 430, 3), (590, 140, 1))
    )
    for x, y, tone in places:
        tilt = 14 if (x, y) in {(440, 430), (590, 140)} else 0
        ink = tones[tone]
        s.move(f"translate({x} {y}) rotate({tilt} 90 90) scale({0.8 if x == 590 else 1})")
        s.hover(piece, x=4, y=10)
        s.move("translate(3 7)")
        s.path(piece, ink(-0.24))
        s.end()
        s.path(piece, s.slanted(ink(0.1), ink(-0.06)), stroke=ink(-0.16), stroke_width=3)
        s.line("M10 100 V14 H66", "#ffffff@0.4", 4)
        s.end()
    s.end()


def toy_car(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -52)" if v == 0 else "translate(0 -30)")
    dark, wood = Ink(RUBBER), Ink(WOOD)
    s.floor(400, 626, 310, 20)
    if v == 0:
        body = "M96 520 C92 440 130 410 200 404 L262 300 C276 278 296 270 330 270 L470 270 C510 270 530 280 548 306 L610 400 C670 410 706 440 708 510 C710 560 690 576 650 576 L150 576 C112 576 98 560 96 520 Z"
        glass = (
            "M286 396 L330 316 C336 306 342 304 352 304 L396 304 L396 396 Z",
            "M420 396 L420 304 L470 304 C490 304 500 310 510 324 L558 396 Z",
        )
    else:
        body = "M92 430 C92 400 110 388 140 388 L190 388 L190 280 C190 256 206 240 232 240 L380 240 C400 240 412 248 424 264 L520 392 L660 400 C700 404 716 430 716 470 L716 530 C716 560 700 576 668 576 L140 576 C108 576 92 560 92 530 Z"
        glass = (
            "M222 384 L222 296 C222 280 232 272 246 272 L300 272 L300 384 Z",
            "M326 384 L326 272 L372 272 C384 272 392 276 398 286 L472 384 Z",
        )
    s.path(body, s.down(c(0.14), f"{c(0.02)} 45%", c(-0.2)))
    s.cut(body)
    s.rect((80, 486, 640, 26), c.mixed("#ffffff", 0.8)(), fill_opacity=0.9)
    s.end()
    for outline in glass:
        s.path(outline, s.slanted("#d6ecf3", "#8db8c9"))
    s.oval((690, 462, 20, 24), s.round("#fff7d6", "#f0c45c"))
    s.rect((88, 440, 18, 40), "#d5493f", 6)
    s.line("M408 420 L408 566", f"{c(-0.24)}@0.7", 4)
    s.rect((430, 436, 40, 12), f"{c(-0.26)}@0.8", 6)
    for x in (222, 582):
        s.disc(x, 564, 76, c(-0.3))
        s.disc(x, 566, 68, s.round(dark(0.24), dark(0.02)))
        s.disc(x, 566, 38, s.round(wood(0.16), wood(-0.08)))
        s.disc(x, 566, 10, wood(-0.26))
    s.path("M220 420 C300 408 480 408 600 418 C480 420 320 424 214 440 Z", "#ffffff@0.35")
    s.end()


def _volume(s: Sheet, c: Ink) -> None:
    """A book that stands at a slight angle: pages, back and the blank cover (212 to 588 across, 108 to 682 down)."""
    s.floor(410, 690, 220, 20)
    s.path("M212 684 L588 684 L622 668 L246 668 Z", c(-0.3))
    s.path("M588 108 L622 124 L622 668 L588 684 Z", s.across("#e6dfd0", "#fbf7ee 40%", "#d8d0bf"))
    for x in range(592, 622, 5):
        s.line(f"M{x} {110 + (x - 588) // 2} L{x} {682 - (x - 588) // 2}", "#c9c0ad@0.7", 1.5)
    s.path("M212 108 L588 108 L622 124 L246 124 Z", "#f6f1e5")
    s.rect(
        (208, 104, 384, 582),
        s.across(c(-0.14), f"{c(0.0)} 4%", f"{c(-0.08)} 7%", f"{c(0.04)} 10%", f"{c(0.06)} 50%", c(-0.06)),
        6,
    )


def _spine_light(s: Sheet) -> None:
    s.rect(
        (208, 104, 384, 582),
        s.across("#000000@0.22", "#ffffff@0.2 3%", "#000000@0.18 7%", "#ffffff@0.1 11%", "#ffffff@0 40%"),
        6,
    )


def novel(s: Sheet, c: Ink, v: int) -> None:
    pale = c.mixed("#fbf3e0", 0.85) if not c.is_pale else Ink("#39455f")
    _volume(s, c)
    s.cut("M208 104 H592 V686 H208 Z")
    if v == 0:
        s.disc(410, 470, 96, f"{pale()}@0.95")
        s.path("M208 560 C300 500 360 580 440 530 C500 490 560 520 592 500 L592 686 L208 686 Z", c(-0.16))
        s.path("M208 610 C300 570 380 640 470 590 C530 560 570 580 592 570 L592 686 L208 686 Z", c(-0.26))
        for x, y in ((290, 400), (340, 370), (500, 392), (540, 430)):
            s.line(f"M{x} {y} q10 -12 20 0 q10 -12 20 0", c(-0.3), 4)
    else:
        for ring in range(5):
            s.ring((410, 500, 40 + ring * 34, 40 + ring * 34), f"{pale()}@{0.95 - ring * 0.16:.2f}", 12)
        s.disc(410, 500, 22, pale())
        s.line("M410 500 L410 686", f"{pale()}@0.9", 10)
    s.end()
    bars(s, (262, 172, 296, 110), pale(), (0.92, 0.66))
    bars(s, (330, 300, 160, 20), f"{pale()}@0.8", (1.0,))
    _spine_light(s)


def cookbook(s: Sheet, c: Ink, v: int) -> None:
    pale = c.mixed("#fdf8ec", 0.85) if not c.is_pale else Ink("#4d5a3f")
    _volume(s, c)
    s.rect((242, 140, 330, 150), "#fdfaf2", 4)
    bars(s, (270, 166, 274, 60), c(-0.1) if not c.is_pale else "#4d5a3f", (0.9,))
    bars(s, (310, 236, 194, 34), "#a39c8f", (0.9, 0.5))
    s.disc(406, 478, 142, s.slanted("#ffffff", "#dcd8cf"))
    s.disc(406, 478, 108, s.slanted("#e4e0d6", "#ffffff"))
    if v == 0:
        for index in range(7):
            angle = math.tau * index / 7
            s.disc(406 + 54 * math.cos(angle), 478 + 54 * math.sin(angle), 22, s.round("#e8604a", "#b5301f"))
        for degrees in (-30, 30, 90, 160, 230):
            leaf(s, 406, 478, 46, degrees)
    else:
        s.disc(406, 478, 78, s.round("#f3d07a", "#d59b3a"))
        for degrees in range(0, 360, 45):
            s.turn(degrees, 406, 478)
            s.line("M406 412 C424 430 420 450 406 462", "#b97a26", 7)
            s.end()
        leaf(s, 400, 486, 40, -20)
        leaf(s, 412, 486, 40, 40)
    s.line("M236 400 V620 M226 400 V450 M246 400 V450 M226 450 H246", pale(), 7)
    _spine_light(s)


def picture_book(s: Sheet, c: Ink, v: int) -> None:
    _volume(s, c)
    s.cut("M208 104 H592 V686 H208 Z")
    s.disc(500, 250, 62, s.round("#fff0b8", "#f4c95a"))
    for x, y in ((270, 250), (340, 320), (540, 370)):
        s.path(f"M{x} {y} c-30 0 -30 -34 0 -34 c4 -30 50 -30 54 0 c34 -4 34 34 4 34 Z", "#ffffff@0.85")
    s.path("M208 540 C300 480 420 480 592 560 L592 686 L208 686 Z", "#79ab62")
    s.path("M208 600 C330 550 470 580 592 620 L592 686 L208 686 Z", "#5b914c")
    if v == 0:
        body = Ink("#e0793c")
        s.path("M330 600 C310 520 350 470 410 474 C470 470 500 520 484 600 Z", body(0.0))
        s.path("M356 440 L352 384 L392 414 Z M464 440 L468 384 L428 414 Z", body(-0.06))
        s.oval((410, 452, 66, 54), s.round(body(0.12), body(-0.04)))
        s.path("M374 470 C390 500 430 500 446 470 C430 462 390 462 374 470 Z", "#fff3e2")
        s.disc(410, 470, 8, "#2b1c15")
        s.path("M480 590 C560 590 560 500 520 486 C530 540 500 560 470 560 Z", body(-0.08))
    else:
        body = Ink("#7f8ea6")
        s.path(
            "M300 610 C290 500 360 460 430 470 C510 470 540 530 530 610 L490 610 L486 570 L380 570 L376 610 Z",
            s.down(body(0.1), body(-0.06)),
        )
        s.disc(320, 480, 62, s.round(body(0.14), body(-0.04)))
        s.oval((350, 470, 30, 44), body(-0.1))
        s.line("M276 500 C240 540 246 590 262 606", body(0.02), 24)
    for x in (385, 435) if v == 0 else (300,):
        s.disc(x, 446 if v == 0 else 466, 7, "#2b1c15")
    s.end()
    bars(s, (252, 136, 240, 74), "#ffffff", (0.95, 0.7))
    _spine_light(s)


DESIGNS = {
    "building_blocks": building_blocks,
    "teddy": teddy,
    "board_game": board_game,
    "puzzle": puzzle,
    "toy_car": toy_car,
    "novel": novel,
    "cookbook": cookbook,
    "picture_book": picture_book,
}

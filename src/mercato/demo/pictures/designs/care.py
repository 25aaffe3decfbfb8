"""Beauty, personal care and baby things."""

import math

from mercato.demo.pictures.designs.parts import bars, leaf
from mercato.demo.pictures.ink import CHROME, GLASS, GOLD, RUBBER, STEEL, Ink
from mercato.demo.pictures.sheet import Sheet


def shampoo(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 692, 160, 18)
    top = Ink("#f4f2ec") if not c.is_pale else Ink("#4c5157")
    s.path(
        "M386 150 L386 118 C386 108 380 106 370 106 L300 106 C284 106 278 120 292 132 L300 138 C320 128 350 128 356 140 L360 150 Z",
        s.down(top(0.04), top(-0.14)),
    )
    s.rect((378, 130, 44, 70), s.cylinder(top), 8)
    s.rect((340, 190, 120, 46), s.cylinder(top), 10)
    if v == 0:
        s.path(
            "M290 280 C290 250 320 236 400 236 C480 236 510 250 510 280 L522 650 C524 680 506 694 476 694 L324 694 C294 694 276 680 278 650 Z",
            s.cylinder(c, 1.1),
        )
    else:
        s.rect((270, 236, 260, 458), s.cylinder(c, 1.1), 46)
    s.rect((302, 350, 196, 240), "#fbf9f4@0.94", 8)
    bars(s, (324, 376, 152, 72), c(-0.16) if not c.is_pale else "#6f7a72", (0.9, 0.6))
    bars(s, (332, 520, 136, 50), "#8b8d8a", (0.9, 0.7, 0.5))
    for degrees in (-44, 0, 44):
        leaf(s, 400, 506, 54, degrees)
    s.path("M304 290 C296 400 296 540 306 660 L326 660 C318 540 318 400 330 280 Z", "#ffffff@0.35")


def cream(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -62)")
    lid = Ink(GOLD) if v == 0 else c.mixed("#ffffff", 0.82)
    s.floor(400, 632, 250, 26)
    s.path(
        "M164 380 L636 380 L628 570 C624 614 590 634 540 634 L260 634 C210 634 176 614 172 570 Z", s.cylinder(c, 1.0)
    )
    s.path("M186 400 L614 400 L608 556 C604 590 580 606 540 606 L260 606 C220 606 196 590 192 556 Z", "#ffffff@0.16")
    s.rect((300, 440, 200, 118), "#fbf9f4@0.92", 6)
    bars(s, (322, 458, 156, 82), "#5b5e5c", (0.8, 0.5, 0.62))
    s.rect((148, 252, 504, 130), s.metal(lid) if v == 0 else s.cylinder(lid), 20)
    s.oval((400, 258, 248, 34), s.slanted(lid(0.2), lid(0.0)))
    s.oval((400, 258, 218, 26), s.slanted(lid(0.06), lid(0.2)))
    for x in range(160, 650, 14):
        s.line(f"M{x} 300 L{x} 366", f"{lid(-0.22)}@0.4", 3)
    s.path("M190 410 C188 490 200 560 224 600 C206 580 184 540 180 420 Z", "#ffffff@0.6")
    s.end()


def lipstick(s: Sheet, c: Ink, v: int) -> None:
    case = Ink(GOLD) if v == 0 else Ink("#2a2b2f")
    s.floor(400, 690, 190, 20)
    s.rect((236, 400, 150, 286), s.metal(case), 8)
    s.rect((236, 388, 150, 26), s.metal(Ink(CHROME) if v else case), 6)
    s.rect((252, 300, 118, 96), s.metal(Ink(GOLD)), 6)
    s.path("M264 302 L264 190 C264 150 300 118 350 106 C356 104 358 108 358 114 L358 302 Z", s.cylinder(c, 1.1))
    s.path(
        "M264 196 C264 150 300 118 350 106 C356 104 358 112 354 124 C330 170 300 196 264 206 Z",
        s.slanted(c(0.16), c(0.0)),
    )
    s.rect((446, 440, 144, 246), s.metal(case), 10)
    s.oval((518, 446, 72, 16), s.slanted(case(0.2), case(-0.1)))
    s.path("M280 200 C280 240 280 270 282 298 L294 298 L294 192 Z", "#ffffff@0.4")


def perfume(s: Sheet, c: Ink, v: int) -> None:
    juice = c.mixed("#fff6e8", 0.3)
    s.floor(400, 672, 220, 24)
    cap = Ink(GOLD) if v == 0 else Ink("#26272b")
    s.rect((340, 130, 120, 120), s.metal(cap), 10)
    s.rect((362, 246, 76, 34), s.metal(Ink(GOLD)), 4)
    if v == 0:
        outline = "M226 300 C226 284 238 276 254 276 L546 276 C562 276 574 284 574 300 L574 640 C574 662 562 672 542 672 L258 672 C238 672 226 662 226 640 Z"
        inner = (256, 306, 288, 336)
        s.path(outline, f"{GLASS}@0.9")
        s.rect(inner, s.slanted(juice(0.14), f"{juice(0.04)} 50%", juice(-0.12)), 14)
        s.rect((256, 306, 288, 70), f"{GLASS}@0.75", 14)
    else:
        outline = "M400 276 C560 276 620 390 620 480 C620 600 530 674 400 674 C270 674 180 600 180 480 C180 390 240 276 400 276 Z"
        s.path(outline, f"{GLASS}@0.9")
        s.oval((400, 486, 192, 166), s.slanted(juice(0.14), f"{juice(0.04)} 50%", juice(-0.14)))
        s.path("M218 430 C240 330 330 320 400 320 C470 320 560 330 582 430 Z", f"{GLASS}@0.75")
    s.path(
        outline,
        s.across("#6f8088@0.35", "#ffffff@0.5 12%", "#ffffff@0 30%", "#ffffff@0 72%", "#5f7078@0.35"),
        stroke="#ffffff",
        stroke_width=3,
        stroke_opacity=0.8,
    )
    s.rect((322, 440, 156, 124), "#fdfcf8@0.95", 4)
    s.rect((332, 450, 136, 104), "none", 2, stroke=GOLD, stroke_width=2.5)
    bars(s, (350, 470, 100, 64), "#6a665e", (0.9, 0.5, 0.65))


def hair_dryer(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(16 -56)")
    dark = Ink(RUBBER)
    s.line("M452 690 C470 760 560 720 640 744", dark(0.06), 14)
    s.floor(420, 706, 120, 14)
    s.turn(-4)
    s.path("M404 392 L524 392 L496 676 C494 694 486 702 470 702 L436 702 C420 702 412 694 410 676 Z", s.cylinder(c))
    s.rect((432, 470, 30, 84), s.cylinder(dark), 12)
    s.rect((436, 478, 22, 30), s.slanted("#f4f4f4", "#b5b8bc"), 8)
    s.path("M206 206 L500 170 C610 170 660 240 660 312 C660 390 610 452 500 452 L206 410 Z", s.tube(c, 1.2))
    s.oval((612, 311, 52, 112), s.round(c(-0.06), c(-0.26)))
    for y in range(226, 400, 18):
        s.line(f"M590 {y} L636 {y}", f"{dark()}@0.5", 5)
    s.rect((188, 196, 34, 226), s.tube(Ink(STEEL if v == 0 else GOLD)), 8)
    s.path("M190 220 L120 250 L120 368 L190 398 Z", s.tube(dark))
    s.oval((120, 309, 12, 60), "#0c0d0f")
    if v == 1:
        s.ring((450, 311, 60, 60), f"{c.contrast()}@0.4", 5)
        s.disc(450, 311, 24, f"{c.contrast()}@0.35")
    s.path("M240 220 C360 200 480 190 560 214 C470 214 340 224 240 248 Z", "#ffffff@0.35")
    s.end()
    s.end()


def toothbrush(s: Sheet, c: Ink, v: int) -> None:
    white = Ink("#f4f3ef")
    s.floor(400, 706, 110, 14)
    body = Ink(c.color)
    s.path("M330 670 C340 640 460 640 470 670 L486 704 L314 704 Z", s.cylinder(white))
    s.path(
        "M352 300 L448 300 C464 380 468 540 456 670 L344 670 C332 540 336 380 352 300 Z",
        s.cylinder(body if v == 0 else white, 1.1),
    )
    s.rect((346, 284, 108, 24), s.metal(Ink(STEEL)), 8)
    s.path("M374 284 L384 190 L416 190 L426 284 Z", s.cylinder(white))
    s.rect((374, 92, 52, 104), s.cylinder(white), 18)
    for row in range(6):
        s.rect((350, 100 + row * 15, 30, 10), s.across("#ffffff", c(0.16) if row % 2 else c(0.0)), 4)
    s.rect((376, 392, 48, 78), s.cylinder(white if v == 0 else body), 24)
    s.disc(400, 430, 11, "#6fbf8f")
    for row in range(4):
        s.disc(400, 520 + row * 26, 5, "#ffffff@0.85" if v == 0 else f"{c()}@0.9")
    if v == 1:
        s.path("M348 600 C380 590 420 590 452 600 L456 670 L344 670 Z", s.cylinder(body))


def stroller(s: Sheet, c: Ink, v: int) -> None:
    dark, chrome = Ink(RUBBER), Ink(STEEL)
    s.floor(400, 694, 280, 14)
    s.line("M238 250 L560 640", s.metal(chrome), 14)
    s.line("M566 420 L250 640", s.metal(chrome), 14)
    s.line("M238 250 C214 210 190 196 150 190", dark(0.1), 22)
    for x, radius in ((246, 60), (566, 54)):
        s.disc(x, 634, radius, s.round(dark(0.2), dark(0.0)))
        s.ring((x, 634, radius * 0.66, radius * 0.66), chrome(0.0), 7)
        for spoke in range(6):
            angle = math.tau * spoke / 6 + 0.3
            s.line(
                f"M{x} 634 L{x + radius * 0.62 * math.cos(angle):.0f} {634 + radius * 0.62 * math.sin(angle):.0f}",
                chrome(-0.06),
                5,
            )
        s.disc(x, 634, 11, s.metal(chrome))
    s.path("M250 576 L560 576 L540 606 L270 606 Z", s.down(dark(0.2), dark(0.04)))
    seat = c if v == 0 else c.mixed("#2b2d31", 0.55)
    s.path(
        "M270 360 L640 360 C652 440 610 520 520 524 L380 524 C310 520 270 440 270 360 Z",
        s.down(seat(0.1), f"{seat(0.0)} 50%", seat(-0.16)),
    )
    s.line("M280 392 C400 410 520 410 636 392", f"{seat(-0.24)}@0.6", 5)
    s.path("M270 360 C260 200 360 112 500 116 L470 366 Z", s.across(c(-0.12), f"{c(0.12)} 45%", c(-0.06)))
    s.path("M470 366 L500 116 C600 122 660 220 640 360 Z", s.across(c(0.02), c(-0.2)))
    for end in ("330 364", "410 366"):
        s.line(f"M500 118 C{int(end[:3]) + 20} 180 {int(end[:3])} 280 {end}", f"{c(-0.26)}@0.5", 5)
    s.path("M266 352 L646 352 L646 372 L266 372 Z", s.down(c(0.16), c(-0.1)))
    s.line("M600 400 C660 380 700 390 706 430", dark(0.14), 15)


def baby_bottle(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 700, 130, 16)
    s.path(
        "M372 150 C372 120 380 84 400 84 C420 84 428 120 428 150 C470 160 490 180 494 214 L306 214 C310 180 330 160 372 150 Z",
        s.cylinder(Ink("#e8d3b4")),
    )
    s.rect((288, 206, 224, 84), s.cylinder(c), 16)
    for x in range(300, 508, 14):
        s.line(f"M{x} 222 L{x} 276", f"{c(-0.2)}@0.45", 4)
    body = (
        "M304 290 L496 290 C520 330 526 360 526 400 L526 650 C526 684 506 700 476 700 L324 700 C294 700 274 684 274 650 L274 400 C274 360 280 330 304 290 Z"
        if v == 0
        else "M304 290 L496 290 C530 330 530 380 508 440 C496 480 530 520 530 580 L530 650 C530 684 506 700 476 700 L324 700 C294 700 270 684 270 650 L270 580 C270 520 304 480 292 440 C270 380 270 330 304 290 Z"
    )
    s.path(body, f"{GLASS}@0.9")
    s.cut(body)
    s.path(
        "M260 430 C340 416 460 442 540 428 L540 710 L260 710 Z",
        s.across("#f3ece0", "#fffdf8 30%", "#efe6d8 70%", "#dccfbd"),
    )
    s.rect(
        (270, 290, 260, 420),
        s.across("#8fa0a8@0.35", "#ffffff@0.3 16%", "#ffffff@0 34%", "#ffffff@0 74%", "#7e9098@0.35"),
    )
    s.end()
    for row in range(8):
        s.line(f"M478 {394 + row * 34} h{-34 if row % 2 == 0 else -20}", c(-0.14), 5)
    s.path(
        "M320 560 C300 540 310 516 330 522 C340 500 368 506 366 530 C388 540 372 570 350 566 C340 576 326 572 320 560 Z",
        f"{c()}@0.8",
    )
    s.path("M300 330 C288 430 290 560 300 660 L320 660 C312 560 312 430 326 320 Z", "#ffffff@0.7")


DESIGNS = {
    "shampoo": shampoo,
    "cream": cream,
    "lipstick": lipstick,
    "perfume": perfume,
    "hair_dryer": hair_dryer,
    "toothbrush": toothbrush,
    "stroller": stroller,
    "baby_bottle": baby_bottle,
}

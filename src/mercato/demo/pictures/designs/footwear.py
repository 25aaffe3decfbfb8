"""Shoes from the side, and what is worn with them."""

import math

from mercato.demo.pictures.designs.parts import stitches
from mercato.demo.pictures.ink import CHARCOAL, CHROME, GOLD, RUBBER, STEEL, Ink
from mercato.demo.pictures.sheet import Sheet


def running_shoe(s: Sheet, c: Ink, v: int) -> None:
    second = c.mixed("#ffffff", 0.7) if not c.is_pale else Ink("#e0713c")
    s.floor(400, 632, 300, 16)
    upper = (
        "M112 520 C100 446 94 372 92 300 C92 270 118 262 136 282 C168 322 232 340 284 320 L344 262 C360 250 378 254 386 270 "
        "C424 348 500 404 584 436 C664 464 724 486 734 540 L728 572 L120 560 Z"
    )
    s.path("M140 290 C190 336 236 344 288 316 L346 264 C324 250 292 256 270 270 C226 290 170 282 140 290 Z", c(-0.3))
    s.path(upper, s.down(c(0.1), f"{c(0.02)} 45%", c(-0.14)))
    s.cut(upper)
    for row in range(12):
        s.line(
            f"M280 {320 + row * 21} L740 {320 + row * 21}",
            f"{c(-0.2)}@0.3",
            5,
            stroke_dasharray="0.1 12",
            stroke_dashoffset=row % 2 * 6,
        )
    if v == 0:
        s.path("M196 560 C230 470 300 400 392 350 L424 376 C350 430 290 490 262 560 Z", f"{second()}@0.92")
        s.path("M300 560 C326 506 370 452 440 404 L460 416 C400 464 360 510 342 560 Z", f"{second()}@0.6")
    else:
        s.path("M96 470 C260 560 430 510 580 430 C520 540 300 620 96 570 Z", f"{second()}@0.92")
        s.path("M120 420 C270 500 410 460 520 400 C440 480 300 530 126 470 Z", f"{second(-0.1)}@0.5")
    s.path("M80 290 L180 322 C164 410 172 500 196 590 L80 590 Z", s.across(c(-0.18), c(-0.02)))
    s.path("M610 440 C680 464 746 486 740 590 L640 590 C664 530 650 480 610 440 Z", s.across(c(-0.06), c(-0.2)))
    s.end()
    s.path(
        "M286 318 L344 262 C360 250 378 254 386 270 C424 342 480 388 548 422 L506 446 C430 426 366 388 286 318 Z",
        s.slanted(c(0.14), c(-0.06)),
    )
    for index in range(5):
        x, y = 336 + index * 37, 314 + index * 26
        s.line(f"M{x} {y} L{x + 46} {y - 24}", second(0.06) if not c.is_pale else "#4a4d52", 10)
        s.disc(x - 2, y + 2, 5, c(-0.26))
    s.line("M94 312 C92 276 118 268 136 288", second(), 10)
    s.path(
        "M92 512 C66 540 62 606 104 618 C180 636 300 600 400 612 C520 628 620 640 690 620 C748 600 764 560 740 534 "
        "C700 572 600 566 500 548 C360 524 220 566 92 512 Z",
        s.down("#ffffff", "#ebe9e4 55%", "#cbc8c1"),
    )
    s.line("M84 566 C220 604 360 560 500 584 C600 602 690 600 744 566", f"{second(-0.06)}@0.9", 8)
    s.path(
        "M80 596 C86 612 96 618 104 620 C180 640 300 606 400 618 C520 634 620 646 690 626 C724 614 746 594 750 572 "
        "C716 604 640 612 560 608 C480 602 430 592 360 592 C260 594 160 622 80 596 Z",
        s.down("#4b4e53", "#222428"),
    )


def sneaker(s: Sheet, c: Ink, v: int) -> None:
    s.floor(405, 616, 320, 18)
    if v == 0:
        upper = (
            "M122 556 C112 480 116 400 124 340 C128 316 146 312 160 324 C200 350 250 350 300 330 L350 290 C366 280 380 284 392 300 "
            "C430 356 490 396 560 416 C640 436 698 470 704 556 Z"
        )
        tongue = (350, 290)
        heel = 340
    else:
        upper = (
            "M122 556 C112 440 122 320 130 200 C132 178 146 172 164 176 L300 186 C330 188 350 196 360 216 C390 310 440 376 540 410 "
            "C630 436 698 470 704 556 Z"
        )
        tongue = (330, 196)
        heel = 200
    s.path(
        f"M{tongue[0] - 30} {tongue[1] + 6} C{tongue[0] - 10} {tongue[1] - 44} {tongue[0] + 50} {tongue[1] - 40} {tongue[0] + 46} {tongue[1] + 20} L{tongue[0] + 60} {tongue[1] + 90} Z",
        s.slanted(c(0.08), c(-0.12)),
    )
    s.path(upper, s.down(c(0.1), f"{c(0.02)} 45%", c(-0.12)))
    s.cut(upper)
    s.path(
        "M560 410 C500 450 520 520 530 570 L720 570 L720 420 Z", "#f4f2ec" if v == 1 else s.across(c(0.06), c(-0.12))
    )
    s.path(f"M110 {heel - 10} L176 {heel + 6} C170 440 180 500 196 570 L100 570 Z", s.across(c(-0.14), c(0.0)))
    s.rect((100, 520, 620, 50), s.down("#000000@0", "#000000@0.14"))
    s.end()
    rows: tuple[tuple[int, int], ...]
    if v == 0:
        s.line("M300 520 C360 500 430 450 470 420", f"{c.contrast()}@0.65", 18)
        s.line("M340 540 C400 516 470 470 510 436", f"{c.contrast()}@0.65", 18)
        rows = ((352, 332), (388, 360), (426, 384), (466, 404))
        stitches(s, "M300 340 C360 400 430 440 520 450", f"{c.contrast()}@0.5", 2.5)
    else:
        s.disc(232, 400, 52, "#f4f2ec")
        s.ring((232, 400, 38, 38), c() if not c.is_pale else "#3f5c8c", 7)
        s.path("M206 416 L226 380 L238 400 L246 390 L260 416 Z", c() if not c.is_pale else "#3f5c8c")
        rows = ((346, 240), (356, 282), (374, 322), (402, 358), (440, 388))
        stitches(s, "M310 200 C320 300 390 410 520 450", f"{c.contrast()}@0.5", 2.5)
    for x, y in rows:
        s.line(f"M{x} {y} L{x + 46} {y - 24}", "#fbfaf6" if not c.is_pale else "#5d6066", 11)
        s.disc(x - 4, y + 3, 6, s.round("#e4e4e2", "#7b7e84"))
    s.path(
        "M104 540 C180 556 300 548 420 548 C540 548 640 560 712 540 C722 590 712 620 680 622 L146 622 C108 620 98 590 104 540 Z",
        s.down("#ffffff", "#efece6 55%", "#cfccc4"),
    )
    s.line("M108 566 C300 578 520 572 714 566", c() if v == 1 else f"{c.contrast()}@0.5", 6)
    for x in range(130, 700, 16):
        s.line(f"M{x} 600 L{x} 616", "#b8b5ad", 4)


def boot(s: Sheet, c: Ink, v: int) -> None:
    s.floor(405, 650, 300, 18)
    upper = (
        "M178 606 C166 520 172 420 176 320 C178 250 174 190 170 140 L384 132 C384 210 390 280 410 346 C440 410 520 426 590 446 "
        "C660 470 694 520 696 606 Z"
    )
    s.path("M170 140 C230 156 330 152 384 132 C340 120 220 124 170 140 Z", c(-0.3))
    s.path(upper, s.across(c(-0.16), f"{c(0.08)} 22%", f"{c(0.0)} 50%", f"{c(0.06)} 72%", c(-0.18)))
    s.cut(upper)
    s.rect((160, 500, 560, 120), s.down("#000000@0", "#000000@0.2"))
    s.path("M560 440 C540 500 560 560 580 620 L720 620 L720 440 Z", s.across(f"{c(0.12)}@0.8", f"{c(-0.14)}@0.6"))
    s.end()
    if v == 0:
        s.path(
            "M236 146 L318 144 C322 220 330 300 336 366 C310 376 276 376 256 366 C246 300 240 220 236 146 Z",
            s.across("#2a2b2e", "#4a4c50", "#2a2b2e"),
        )
        for y in range(160, 366, 9):
            s.line(f"M{240 + (y - 150) * 0.08:.0f} {y} L{318 + (y - 150) * 0.07:.0f} {y}", "#16171955", 3)
        s.line("M178 470 C280 440 360 440 420 470", f"{c(-0.26)}@0.5", 5)
        s.line("M270 134 C262 100 300 96 300 132", c(-0.1), 11)
    else:
        s.path(
            "M318 134 L384 132 C384 210 390 280 410 346 C430 390 480 412 530 426 L480 470 C400 440 340 380 330 290 Z",
            s.across(c(-0.2), c(-0.04)),
        )
        for index, (x, y) in enumerate(((322, 168), (326, 216), (332, 264), (344, 310), (370, 352), (410, 386))):
            s.line(f"M{x} {y} L{x + 62} {y - 10}", "#d9b26a" if index % 2 == 0 else "#c79a4e", 10)
            s.disc(x, y, 8, s.round("#e8d29a", "#8d6a2e"))
            s.disc(x + 64, y - 10, 7, s.round("#e8d29a", "#8d6a2e"))
        s.path(
            "M166 138 C230 156 330 152 386 130 L388 176 C330 196 230 198 172 184 Z",
            s.across(c(-0.22), c(-0.06), c(-0.2)),
        )
        stitches(s, "M196 470 C280 440 360 450 430 480 C470 500 500 540 510 590", "#e2c48c", 3)
    dark = Ink(RUBBER if v == 0 else "#3a2c22")
    s.path(
        "M160 600 C300 590 560 594 706 600 C716 624 710 640 690 640 L420 640 L400 626 L330 626 L320 652 L184 652 C164 650 156 630 160 600 Z",
        s.down(dark(0.2), dark(0.0)),
    )
    if v == 1:
        for x in range(430, 700, 34):
            s.rect((x, 634, 22, 18), dark(0.06), 4)
    s.line("M164 604 C300 596 560 600 704 606", "#d9b98a" if v == 1 else dark(0.3), 4)


def sandal(s: Sheet, c: Ink, v: int) -> None:
    for index, x in enumerate((250, 550)):
        mirror = 1 if index == 0 else -1
        s.move(f"translate({x} 400) scale({mirror} 1) rotate({-5})")
        sole = "M-8 -290 C76 -300 124 -220 116 -110 C110 -30 84 40 92 130 C100 220 70 296 0 298 C-74 298 -104 220 -96 130 C-90 40 -122 -30 -126 -110 C-130 -220 -84 -284 -8 -290 Z"
        s.hover(sole)
        s.path(sole, s.down("#e4cba3", "#c9a877"))
        s.path(sole, "none", stroke="#8e6b42", stroke_width=9, stroke_opacity=0.75)
        s.oval((0, 170, 62, 92), "#b08c5c@0.4")
        s.oval((0, -160, 84, 86), "#b08c5c@0.32")
        straps = ((-150, 66), (-46, 60)) if v == 0 else ((-120, 46),)
        for y, width in straps:
            s.path(
                f"M-134 {y} C-80 {y - 54} 76 {y - 54} 126 {y} L122 {y + width} C70 {y + width - 44} -74 {y + width - 44} -128 {y + width} Z",
                s.across(c(-0.18), f"{c(0.12)} 40%", f"{c(0.02)} 62%", c(-0.22)),
            )
            stitches(s, f"M-124 {y + 10} C-76 {y - 38} 72 {y - 38} 116 {y + 10}", f"{c.contrast()}@0.5", 2.5)
            if v == 0:
                s.rect((60, y - 26, 36, 46), "none", 6, stroke=GOLD, stroke_width=7)
        if v == 1:
            s.path(
                "M-102 110 C-60 84 60 84 98 110 L98 152 C60 126 -60 126 -102 152 Z",
                s.across(c(-0.18), c(0.12), c(-0.2)),
            )
            s.line("M0 -110 C-6 -20 -4 60 0 104", c(-0.04), 24)
        s.end()


def backpack(s: Sheet, c: Ink, v: int) -> None:
    dark = Ink(CHARCOAL)
    strap = Ink("#9a6a42") if v == 1 else c.mixed("#202124", 0.6)
    s.floor(400, 682, 240, 20)
    s.line("M344 142 C344 74 456 74 456 142", strap(0.0), 20)
    for x in (150, 650):
        s.line(
            f"M{x} 610 C{x + (400 - x) * 0.04:.0f} 660 {x + (400 - x) * 0.2:.0f} 676 {x + (400 - x) * 0.3:.0f} 676",
            strap(-0.06),
            18,
        )
    for x, width in ((132, 70), (598, 70)):
        s.path(f"M{x} 430 h{width} v190 c0 20 -12 26 -24 26 h-22 c-16 0 -24 -10 -24 -26 Z", s.cylinder(c))
    body = "M192 330 C192 190 270 124 400 124 C530 124 608 190 608 330 L620 620 C622 660 600 682 560 682 L240 682 C200 682 178 660 180 620 Z"
    s.path(body, s.across(c(-0.16), f"{c(0.06)} 24%", f"{c(0.04)} 50%", c(-0.18)))
    if v == 0:
        s.line("M206 330 C206 210 280 150 400 150 C520 150 594 210 594 330", f"{c(-0.32)}@0.8", 9)
        s.line(
            "M206 330 C206 210 280 150 400 150 C520 150 594 210 594 330",
            "#b7babf@0.6",
            3,
            cap="butt",
            stroke_dasharray="4 3",
        )
        s.rect((214, 422, 372, 236), s.down(c(0.08), f"{c(0.0)} 40%", c(-0.12)), 34)
        s.line("M226 458 C300 440 500 440 574 458", f"{c(-0.32)}@0.85", 9)
        s.rect((540, 452, 12, 44), s.metal(Ink(CHROME)), 4)
        s.rect((360, 266, 80, 52), s.slanted("#a8744a", "#7a4f2e"), 8)
        stitches(
            s, "M226 480 V610 C226 636 240 646 262 646 H538 C560 646 574 636 574 610 V480", f"{c.contrast()}@0.35", 2.5
        )
    else:
        s.path(
            "M186 330 C186 190 270 118 400 118 C530 118 614 190 614 330 L606 440 C540 470 260 470 194 440 Z",
            s.across(c(-0.12), f"{c(0.12)} 28%", f"{c(0.03)} 58%", c(-0.18)),
        )
        s.line("M194 440 C260 470 540 470 606 440", f"{c(-0.3)}@0.7", 6)
        s.rect((226, 500, 348, 150), s.down(c(0.06), c(-0.12)), 20)
        for x in (286, 486):
            s.rect((x, 380, 28, 200), s.across(strap(0.08), strap(-0.08)), 4)
            s.rect((x - 8, 500, 44, 40), "none", 6, stroke=GOLD, stroke_width=8)
    s.path("M214 330 C220 230 280 172 350 160 C280 200 250 260 246 380 C230 370 214 360 214 330 Z", "#ffffff@0.14")
    s.line("M184 640 C260 660 540 660 616 640", f"{dark()}@0.2", 6)


def suitcase(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 706, 190, 16)
    s.line("M340 190 L340 74 C340 62 346 58 356 58 L444 58 C454 58 460 62 460 74 L460 190", s.metal(Ink(STEEL)), 13)
    s.rect((340, 44, 120, 26), s.tube(Ink(RUBBER)), 12)
    for x in (254, 512):
        s.rect((x, 680, 34, 28), s.cylinder(Ink(RUBBER)), 8)
    s.rect((216, 172, 368, 514), s.cylinder(c), 48)
    s.rect((216, 172, 368, 70), s.down("#ffffff@0.3", "#ffffff@0"), 48)
    if v == 0:
        for column in range(7):
            x = 252 + column * 49
            s.rect((x - 7, 206, 15, 446), s.across(f"{c(-0.22)}@0.75", f"{c(0.18)}@0.6"), 7)
    else:
        for row in range(6):
            s.path(
                f"M236 {240 + row * 72} L564 {240 + row * 72} L564 {270 + row * 72} L400 {296 + row * 72} L236 {270 + row * 72} Z",
                s.down(f"{c(0.2)}@0.6", f"{c(-0.2)}@0.4"),
            )
    for x, y in ((216, 172), (528, 172), (216, 630), (528, 630)):
        s.rect((x, y, 56, 56), s.slanted(c(0.06), c(-0.16)), 30)
    s.rect((356, 160, 88, 28), s.tube(Ink(RUBBER)), 10)
    s.rect((566, 396, 22, 72), s.metal(Ink(STEEL)), 6)
    s.line("M236 250 L236 610", "#ffffff@0.3", 7)


def tote(s: Sheet, c: Ink, v: int) -> None:
    handle = Ink("#8d5c36") if v == 1 else c
    s.floor(400, 690, 260, 20)
    s.line("M292 330 C292 90 508 90 508 330", handle(-0.22), 20)
    body = "M170 300 L630 300 L664 650 C668 680 656 694 626 694 L174 694 C144 694 132 680 136 650 Z"
    s.path(body, s.across(c(-0.14), f"{c(0.06)} 26%", f"{c(0.02)} 58%", c(-0.16)))
    s.cut(body)
    s.rect((130, 300, 540, 60), s.down("#ffffff@0.2", "#ffffff@0"))
    s.rect((130, 600, 540, 100), s.down("#000000@0", "#000000@0.18"))
    if v == 1:
        s.path("M130 560 L670 560 L670 700 L130 700 Z", s.across(handle(-0.1), handle(0.06), handle(-0.14)))
        stitches(s, "M140 572 H660", "#e8cfa0", 3)
    else:
        s.line("M220 320 C236 440 226 560 210 680", f"{c(-0.2)}@0.3", 9)
        s.line("M580 320 C566 440 574 560 590 680", f"{c(-0.2)}@0.3", 9)
    s.end()
    s.line("M278 350 C270 60 530 60 522 350", handle(0.0), 22)
    s.line(
        "M275 340 C269 70 529 70 525 340",
        s.across(f"{handle(0.3)}@0", f"{handle(0.3)}@0.7 25%", f"{handle(0.3)}@0 60%"),
        6,
    )
    for x in (278, 522):
        s.rect((x - 24, 326, 48, 74), s.across(handle(0.08), handle(-0.1)), 8)
        for y in (344, 382):
            s.disc(x, y, 6, s.round("#f0dca8", "#9a7636"))
    stitches(s, "M176 318 H624", f"{c.contrast()}@0.45", 3)
    s.rect((352, 430, 96, 58), s.slanted(handle(0.06), handle(-0.08)) if v == 1 else f"{c(-0.16)}", 8)


def watch(s: Sheet, c: Ink, v: int) -> None:
    metal = Ink(GOLD) if v == 0 else Ink(STEEL)
    s.floor(400, 714, 100, 10)
    for top in (True, False):
        s.move("" if top else "matrix(1 0 0 -1 0 800)")
        s.path(
            "M330 300 C330 220 336 150 344 84 L456 84 C464 150 470 220 470 300 Z",
            s.across(c(-0.2), f"{c(0.1)} 32%", f"{c(0.0)} 62%", c(-0.22)),
        )
        stitches(s, "M342 290 C342 220 348 150 354 96 M458 290 C458 220 452 150 446 96", f"{c.contrast()}@0.7", 3)
        s.end()
    for y in (620, 650, 680):
        s.oval((400, y, 6, 6), "#0f1012@0.7")
    s.rect((330, 78, 140, 34), "none", 8, stroke=metal(-0.06), stroke_width=10)
    s.rect((566, 378, 30, 44), s.tube(metal), 8)
    s.disc(400, 400, 182, s.metal(metal))
    s.disc(400, 400, 166, s.slanted(metal(-0.2), metal(0.2)))
    face = Ink("#f7f4ec") if v == 0 else Ink("#1d2a44")
    s.disc(400, 400, 156, s.round(face(0.06), face(-0.06)))
    ink = "#26282d" if v == 0 else "#f2f0ea"
    for hour in range(12):
        s.turn(hour * 30)
        s.rect((396, 256, 8, 32 if hour % 3 == 0 else 20), s.metal(metal) if hour % 3 == 0 else ink, 3)
        s.end()
    for minute in range(60):
        angle = math.tau * minute / 60
        s.disc(400 + 148 * math.sin(angle), 400 - 148 * math.cos(angle), 1.8, f"{ink}@0.7")
    if v == 1:
        for x, y in ((346, 410), (454, 410), (400, 460)):
            s.disc(x, y, 34, s.slanted(face(-0.1), face(0.08)))
            s.ring((x, y, 34, 34), f"{metal()}@0.8", 3)
            s.line(f"M{x} {y} L{x + 12} {y - 18}", ink, 3)
    for degrees, length, width in ((304, 88, 9), (56, 126, 6)):
        s.turn(degrees)
        s.rect((400 - width / 2, 400 - length, width, length + 22), ink, width / 2)
        s.end()
    s.line("M400 430 L400 268", "#d4553d", 3)
    s.disc(400, 400, 9, metal(0.1))
    s.path("M266 370 C280 300 340 256 400 254 C340 290 300 340 290 420 C270 410 262 390 266 370 Z", "#ffffff@0.3")


def sunglasses(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 560, 310, 20, strength=0.22)
    frame = c if v == 0 else Ink(GOLD)
    tint = Ink("#3c3a38") if v == 0 else c.mixed("#2a2c30", 0.35)
    for left in (True, False):
        s.move("" if left else "matrix(-1 0 0 1 800 0)")
        s.path("M96 300 C90 290 96 276 110 276 L150 286 C140 320 150 330 140 348 Z", s.down(frame(0.1), frame(-0.2)))
        s.line("M104 296 C130 330 150 420 180 470", f"{frame(-0.12)}@0.75", 14)
        if v == 0:
            rim = "M112 286 C170 262 300 262 360 284 C376 292 378 320 372 360 C360 470 320 520 240 520 C150 520 116 450 108 360 C104 320 100 296 112 286 Z"
            glass = "M136 308 C190 288 290 288 340 306 C352 312 350 330 346 356 C336 450 304 494 240 494 C168 494 142 436 134 358 C130 330 128 314 136 308 Z"
        else:
            rim = "M120 300 C190 276 300 280 362 300 C380 380 350 520 250 530 C150 530 100 400 120 300 Z"
            glass = "M130 308 C196 286 296 290 354 308 C368 382 340 510 250 520 C160 520 112 402 130 308 Z"
        s.path(rim, s.down(frame(0.16), f"{frame(0.0)} 40%", frame(-0.16)))
        s.path(glass, s.down(tint(-0.14), f"{tint(0.04)} 55%", tint(0.26)))
        s.cut(glass)
        s.path(
            "M150 540 L290 280 L340 280 L200 540 Z" if left else "M180 540 L320 280 L350 280 L220 540 Z", "#ffffff@0.16"
        )
        s.end()
        s.end()
    if v == 0:
        s.path(
            "M356 296 C380 284 420 284 444 296 L440 330 C424 316 376 316 360 330 Z", s.down(frame(0.16), frame(-0.14))
        )
    else:
        s.line("M360 304 C384 290 416 290 440 304", frame(0.05), 9)
        s.line("M352 340 C384 320 416 320 448 340", frame(-0.08), 8)
    s.line("M124 290 C180 268 290 268 350 288", "#ffffff@0.35", 4)


DESIGNS = {
    "running_shoe": running_shoe,
    "sneaker": sneaker,
    "boot": boot,
    "sandal": sandal,
    "backpack": backpack,
    "suitcase": suitcase,
    "tote": tote,
    "watch": watch,
    "sunglasses": sunglasses,
}

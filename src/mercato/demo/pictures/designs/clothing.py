"""Clothes, laid flat."""

from mercato.demo.pictures.designs.parts import stitches
from mercato.demo.pictures.ink import CHROME, GOLD, Ink
from mercato.demo.pictures.sheet import Sheet


def _folds(s: Sheet, c: Ink, *outlines: str) -> None:
    """Soft creases: a dark line with a light one beside it."""
    for outline in outlines:
        s.line(outline, f"{c(-0.24)}@0.28", 9)
        s.move("translate(7 2)")
        s.line(outline, f"{c(0.22)}@0.22", 7)
        s.end()


def tshirt(s: Sheet, c: Ink, v: int) -> None:
    body = (
        "M310 128 C340 166 460 166 490 128 C530 136 566 148 590 162 C650 206 694 274 716 330 L622 382 L568 318 "
        "C562 440 566 560 574 668 C470 686 330 686 226 668 C234 560 238 440 232 318 L178 382 L84 330 C106 274 150 206 210 162 "
        "C234 148 270 136 310 128 Z"
    )
    s.hover(body)
    s.path("M310 128 C340 166 460 166 490 128 C470 118 330 118 310 128 Z", c(-0.22))
    s.path(body, s.across(c(-0.12), f"{c(0.03)} 24%", f"{c(0.08)} 42%", f"{c(0.0)} 66%", c(-0.14)))
    s.cut(body)
    if v == 1:
        stripe = c.mixed("#f8f5ee", 0.85) if not c.is_pale else Ink("#3b4f73")
        for row in range(12):
            y = 226 + row * 40
            s.line(f"M70 {y} C260 {y + 14} 540 {y + 14} 730 {y}", f"{stripe()}@0.9", 14)
    s.rect((80, 560, 640, 130), s.down("#000000@0", "#000000@0.1"))
    _folds(
        s,
        c,
        "M250 330 C280 420 276 520 262 640",
        "M548 340 C530 440 536 540 548 650",
        "M330 560 C370 600 380 630 384 672",
    )
    s.path("M232 318 C244 288 240 250 226 220 L190 330 Z", "#000000@0.12")
    s.path("M568 318 C556 288 560 250 574 220 L610 330 Z", "#000000@0.16")
    s.end()
    s.line("M300 130 C336 184 464 184 500 130", c(-0.08), 17)
    s.line("M298 136 C336 194 464 194 502 136", f"{c(-0.26)}@0.5", 3)
    stitches(s, "M228 652 C330 670 470 670 572 652", f"{c.contrast()}@0.35", 2.5)
    stitches(s, "M98 322 L184 370 M702 322 L616 370", f"{c.contrast()}@0.35", 2.5)
    if v == 0:
        s.path(
            "M452 262 h88 v72 l-44 26 l-44 -26 Z",
            s.down(c(0.05), c(-0.05)),
            stroke=f"{c(-0.2)}",
            stroke_width=2.5,
            stroke_opacity=0.6,
        )


def hoodie(s: Sheet, c: Ink, v: int) -> None:
    body = (
        "M290 200 C250 210 220 226 200 250 C150 330 116 470 96 606 C92 630 104 640 124 644 L176 652 C190 654 198 646 202 630 "
        "L240 420 C246 500 246 590 240 690 C330 706 470 706 560 690 C554 590 554 500 560 420 L598 630 C602 646 610 654 624 652 "
        "L676 644 C696 640 708 630 704 606 C684 470 650 330 600 250 C580 226 550 210 510 200 Z"
    )
    s.hover(body)
    s.path(
        "M276 226 C256 120 320 84 400 84 C480 84 544 120 524 226 C480 270 320 270 276 226 Z",
        s.across(c(-0.14), c(0.06), c(-0.18)),
    )
    s.path(
        "M310 216 C296 140 346 116 400 116 C454 116 504 140 490 216 C460 250 340 250 310 216 Z",
        s.down(c(-0.3), c(-0.16)),
    )
    s.path(body, s.across(c(-0.14), f"{c(0.02)} 24%", f"{c(0.08)} 42%", f"{c(0.0)} 64%", c(-0.16)))
    s.path(
        "M276 214 C300 290 370 306 400 330 C430 306 500 290 524 214 C500 262 440 268 400 268 C360 268 300 262 276 214 Z",
        s.down(c(0.1), c(-0.08)),
    )
    s.cut(body)
    _folds(
        s,
        c,
        "M236 420 C250 380 246 330 230 290",
        "M566 420 C552 380 556 330 572 290",
        "M150 470 C164 500 170 540 168 580",
        "M650 470 C636 500 630 540 632 580",
    )
    s.end()
    if v == 0:
        s.path("M290 500 L510 500 L560 640 L240 640 Z", s.down(c(0.05), c(-0.1)), stroke=c(-0.2), stroke_width=3)
        stitches(s, "M298 510 L252 632 M502 510 L548 632", f"{c.contrast()}@0.4", 2.5)
    else:
        s.path(
            "M260 520 L384 506 L384 650 L246 650 Z M540 520 L416 506 L416 650 L554 650 Z",
            s.down(c(0.04), c(-0.1)),
            stroke=c(-0.2),
            stroke_width=3,
        )
        s.line("M400 322 L400 696", c(-0.3), 12)
        s.line("M400 322 L400 696", CHROME, 7, cap="butt", stroke_dasharray="5 4")
        s.rect((392, 372, 16, 34), s.metal(Ink(CHROME)), 4)
    for x, bend in ((352, -14), (448, 14)):
        s.line(
            f"M{x} 286 C{x + bend} 340 {x + bend} 380 {x} 430",
            c.mixed("#f7f4ee", 0.8)() if not c.is_pale else "#a8a8a4",
            8,
        )
        s.rect((x - 5, 424, 10, 22), s.metal(Ink(CHROME)), 4)
    s.path(
        "M240 664 C330 682 470 682 560 664 L560 694 C470 710 330 710 240 694 Z", s.across(c(-0.16), c(0.0), c(-0.18))
    )
    for x in range(256, 556, 14):
        s.line(f"M{x} 672 L{x} 696", f"{c(-0.26)}@0.5", 3)


def jacket(s: Sheet, c: Ink, v: int) -> None:
    body = (
        "M300 150 C256 158 216 178 196 206 C146 290 116 450 104 590 C102 612 112 622 132 624 L178 628 C192 630 200 622 204 606 "
        "L232 440 L228 676 C330 694 470 694 572 676 L568 440 L596 606 C600 622 608 630 622 628 L668 624 C688 622 698 612 696 590 "
        "C684 450 654 290 604 206 C584 178 544 158 500 150 Z"
    )
    s.hover(body)
    s.path(body, s.across(c(-0.14), f"{c(0.03)} 22%", f"{c(0.08)} 40%", f"{c(0.0)} 64%", c(-0.18)))
    s.cut(body)
    if v == 0:
        for row in range(10):
            y = 218 + row * 50
            s.path(
                f"M90 {y} C260 {y + 22} 540 {y + 22} 710 {y} L710 {y + 26} C540 {y + 46} 260 {y + 46} 90 {y + 26} Z",
                s.down("#ffffff@0.26", "#ffffff@0"),
            )
            s.line(f"M90 {y} C260 {y + 22} 540 {y + 22} 710 {y}", f"{c(-0.28)}@0.55", 5)
    else:
        lining = c.mixed("#f2c14e", 0.85)
        s.path("M100 150 L700 150 L700 330 C540 300 260 300 100 330 Z", s.down(c(-0.06), c(-0.12)))
        s.line("M100 332 C260 302 540 302 700 332", f"{lining()}@0.9", 6)
        _folds(s, c, "M250 420 C270 500 262 580 254 660", "M550 420 C530 500 538 580 546 660")
        s.path("M262 470 l92 20 v16 l-92 -20 Z M538 470 l-92 20 v16 l92 -20 Z", c(-0.26))
    s.line("M232 440 C236 380 234 320 222 270", f"{c(-0.3)}@0.5", 6)
    s.line("M568 440 C564 380 566 320 578 270", f"{c(-0.3)}@0.5", 6)
    s.end()
    s.path(
        "M300 152 C296 118 306 96 320 92 C370 104 430 104 480 92 C494 96 504 118 500 152 C470 190 430 196 400 200 C370 196 330 190 300 152 Z",
        s.down(c(0.1), c(-0.14)),
    )
    s.path("M322 106 C370 118 430 118 478 106 C484 130 470 146 400 152 C330 146 316 130 322 106 Z", c(-0.26))
    s.line("M400 160 L400 684", c(-0.32), 13)
    s.line("M400 160 L400 684", "#b9bdc2", 7, cap="butt", stroke_dasharray="5 4")
    s.rect((391, 196, 18, 40), s.metal(Ink(GOLD if v else CHROME)), 5)
    s.path(
        "M228 652 C330 670 470 670 572 652 L572 680 C470 696 330 696 228 680 Z", s.across(c(-0.2), c(-0.04), c(-0.22))
    )


def jeans(s: Sheet, c: Ink, v: int) -> None:
    flare = 0 if v == 0 else 26
    legs = (
        f"M258 96 L542 96 C556 180 574 260 582 330 C{590 + flare} 470 {584 + flare} 590 {572 + flare} 716 "
        f"L{448 - flare // 2} 716 C440 590 424 440 404 340 L396 340 C376 440 360 590 {352 + flare // 2} 716 "
        f"L{228 - flare} 716 C{216 - flare} 590 {210 - flare} 470 218 330 C226 260 244 180 258 96 Z"
    )
    s.move("translate(400 404) scale(0.84 1.04) translate(-400 -404)")
    s.hover(legs)
    s.path(legs, s.across(c(-0.14), f"{c(0.04)} 20%", f"{c(-0.06)} 46%", f"{c(-0.1)} 52%", f"{c(0.04)} 76%", c(-0.16)))
    s.cut(legs)
    for x in (300, 500):
        s.oval((x, 400, 50, 190), s.round(f"{c(0.24)}@0.55", f"{c(0.2)}@0", at=(0.5, 0.5), reach=0.5))
    _folds(
        s,
        c,
        "M240 300 C270 310 300 306 330 290",
        "M560 300 C530 310 500 306 470 290",
        "M250 520 C280 530 310 526 340 516",
        "M550 520 C520 530 490 526 460 516",
    )
    s.end()
    thread = "#d8a765"
    s.rect((254, 88, 292, 40), s.down(c(0.06), c(-0.1)), 5)
    stitches(s, "M258 122 L542 122", thread, 2.5)
    for x in (290, 372, 420, 500):
        s.rect((x, 84, 14, 52), s.across(c(0.08), c(-0.08)), 3)
    s.disc(400, 108, 11, s.round("#e8c88a", "#9a6f35"))
    s.line("M400 128 C400 200 396 260 398 340", f"{c(-0.26)}@0.8", 5)
    stitches(s, "M412 132 C414 230 410 262 402 286", thread, 2.5)
    stitches(s, "M246 140 C266 200 300 214 352 206 L360 132", thread, 2.5)
    stitches(s, "M554 140 C534 200 500 214 448 206 L440 132", thread, 2.5)
    for x in (250, 548):
        s.disc(x, 156, 4, "#d2a45f")
    stitches(s, f"M{232 - flare} 702 L{350 + flare // 2} 702 M{450 - flare // 2} 702 L{568 + flare} 702", thread, 2.5)
    s.end()


def dress(s: Sheet, c: Ink, v: int) -> None:
    body = (
        "M318 96 L340 92 C350 150 450 150 460 92 L482 96 C486 160 500 210 524 250 C520 300 500 330 492 366 "
        "C540 460 584 570 612 682 C470 712 330 712 188 682 C216 570 260 460 308 366 C300 330 280 300 276 250 C300 210 314 160 318 96 Z"
    )
    s.hover(body)
    s.path("M340 92 C350 150 450 150 460 92 L452 86 L348 86 Z", c(-0.24))
    s.path(body, s.across(c(-0.16), f"{c(0.02)} 28%", f"{c(0.1)} 44%", f"{c(0.0)} 64%", c(-0.18)))
    s.cut(body)
    if v == 1:
        dot = c.mixed("#fbf7ef", 0.85) if not c.is_pale else Ink("#b5535c")
        for row in range(15):
            for column in range(13):
                s.disc(176 + column * 38 + row % 2 * 19, 110 + row * 42, 6, f"{dot()}@0.9")
    for x, sweep in ((320, -96), (360, -44), (400, 0), (440, 44), (480, 96)):
        s.line(
            f"M{x} 372 C{x + sweep * 0.4:.0f} 480 {x + sweep:.0f} 600 {x + sweep * 1.3:.0f} 710", f"{c(-0.26)}@0.4", 8
        )
        s.line(
            f"M{x + 12} 376 C{x + 12 + sweep * 0.4:.0f} 480 {x + 14 + sweep:.0f} 600 {x + 16 + sweep * 1.3:.0f} 710",
            f"{c(0.2)}@0.3",
            8,
        )
    s.rect((180, 580, 440, 130), s.down("#000000@0", "#000000@0.12"))
    s.end()
    s.line("M340 92 C350 154 450 154 460 92", c(-0.1), 7)
    belt = Ink(GOLD) if v == 0 else c
    s.path(
        "M306 352 C360 366 440 366 494 352 L496 380 C440 394 360 394 304 380 Z",
        s.across(belt(-0.22), belt(-0.02), belt(-0.24)),
    )
    if v == 0:
        s.ring((400, 376, 20, 15), s.metal(Ink(GOLD)), 6)


def socks(s: Sheet, c: Ink, v: int) -> None:
    sock = (
        "M300 96 L440 96 C444 210 440 330 436 420 C432 470 460 500 520 540 C580 580 580 650 510 664 C420 672 350 630 312 570 "
        "C290 530 296 470 298 420 C302 310 300 200 300 96 Z"
    )
    for transform in ("translate(120 6) rotate(5 400 400)", "translate(-110 4) rotate(-4 400 400)"):
        s.move(transform)
        s.hover(sock)
        s.path(sock, s.across(c(-0.12), f"{c(0.1)} 30%", f"{c(0.0)} 60%", c(-0.16)))
        s.cut(sock)
        other = c.mixed("#f6f2e8", 0.85) if not c.is_pale else Ink("#c05a4a")
        if v == 0:
            for y in (190, 222, 254):
                s.rect((280, y, 180, 16), f"{other()}@0.95")
        else:
            for row in range(8):
                s.line(f"M280 {180 + row * 46} l30 24 l30 -24 l30 24 l30 -24 l30 24 l30 -24", f"{other()}@0.85", 9)
        s.oval((520, 610, 84, 74), other(-0.02))
        s.oval((310, 530, 60, 76), other(-0.02))
        for x in range(304, 444, 11):
            s.line(f"M{x} 98 L{x} 160", f"{c(-0.24)}@0.45", 4)
        for x in (330, 366, 402):
            s.line(f"M{x} 170 C{x + 2} 330 {x} 420 {x + 10} 540", f"{c(-0.2)}@0.14", 5)
        s.path(
            "M420 90 L450 90 L446 430 C450 480 500 520 560 560 L600 690 L480 680 C420 600 400 500 420 90 Z",
            "#000000@0.1",
        )
        s.end()
        s.path("M298 92 L442 92 L442 112 L298 112 Z", s.across(c(-0.08), c(0.12), c(-0.14)))
        s.end()


def beanie(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 0)" if v == 0 else "translate(400 400) scale(1.14) translate(-400 -425)")
    s.floor(400, 640, 230, 20, strength=0.24)
    dome = "M196 500 C180 280 290 190 400 190 C510 190 620 280 604 500 Z"
    if v == 0:
        pompom = c.mixed("#fbf8f1", 0.8) if not c.is_pale else Ink("#8a8f94")
        s.disc(400, 176, 76, s.round(pompom(0.06), f"{pompom(-0.02)} 50%", pompom(-0.2)))
        for ring in range(14):
            s.turn(ring * 26, 400, 176)
            s.line("M400 150 C412 130 404 112 412 98", f"{pompom(-0.16)}@0.4", 5)
            s.end()
    s.path(dome, s.across(c(-0.16), f"{c(0.06)} 32%", f"{c(0.0)} 60%", c(-0.2)))
    s.cut(dome)
    for column in range(13):
        x = 200 + column * 34
        bend = 400 + (x - 400) * 0.32
        s.line(
            f"M{x} 510 C{x - (x - 400) * 0.02:.0f} 380 {(x + bend) / 2:.0f} 270 {bend:.0f} 190", f"{c(-0.28)}@0.5", 6
        )
        s.line(
            f"M{x + 12} 510 C{x + 12 - (x - 400) * 0.02:.0f} 380 {(x + bend) / 2 + 9:.0f} 270 {bend + 5:.0f} 190",
            f"{c(0.2)}@0.35",
            6,
        )
    s.end()
    cuff = "M176 480 C176 464 186 456 204 456 L596 456 C614 456 624 464 624 480 L628 612 C628 630 618 640 600 640 L200 640 C182 640 172 630 172 612 Z"
    s.path(cuff, s.across(c(-0.14), f"{c(0.12)} 32%", f"{c(0.02)} 60%", c(-0.18)))
    s.cut(cuff)
    for column in range(22):
        x = 180 + column * 21
        s.line(f"M{x} 456 L{x} 642", f"{c(-0.26)}@0.5", 7)
    s.rect((170, 600, 460, 44), s.down("#000000@0", "#000000@0.18"))
    s.end()
    if v == 1:
        s.rect((356, 510, 88, 70), s.slanted("#a8744a", "#7a4f2e"), 6)
        stitches(s, "M364 518 H436 V572 H364 Z", "#e8cfa8", 2)
    s.end()


def cap(s: Sheet, c: Ink, v: int) -> None:
    s.floor(380, 596, 270, 20, strength=0.26)
    brim = c if v == 0 else c.mixed("#2a2c30", 0.75)
    s.path(
        "M150 510 C150 300 260 200 390 200 C520 200 600 300 606 500 C470 470 280 474 150 510 Z",
        s.across(c(-0.14), f"{c(0.1)} 32%", f"{c(0.02)} 62%", c(-0.2)),
    )
    s.line("M390 202 C300 280 280 380 276 484", f"{c(-0.26)}@0.6", 4)
    s.line("M390 202 C480 280 500 380 500 476", f"{c(-0.26)}@0.6", 4)
    stitches(s, "M398 204 C492 282 512 380 512 476 M382 204 C292 282 268 380 266 486", f"{c.contrast()}@0.4", 2.5)
    for x, y in ((330, 300), (452, 300)):
        s.ring((x, y, 8, 7), c(-0.24), 4)
    s.oval((390, 200, 22, 11), s.round(c(0.16), c(-0.1)))
    s.path(
        "M150 508 C280 470 470 470 606 498 C690 520 730 560 724 590 C640 560 540 556 440 566 C330 580 220 580 160 560 C140 550 142 520 150 508 Z",
        s.down(brim(0.1), f"{brim(0.0)} 50%", brim(-0.18)),
    )
    for lift in (0, 14, 28):
        stitches(
            s,
            f"M170 {530 + lift} C300 {494 + lift} 480 {492 + lift} {620 + lift} {520 + lift}",
            f"{brim.contrast()}@0.35",
            2.5,
        )
    s.path(
        "M724 590 C640 560 540 556 440 566 C330 580 220 580 160 560 C220 600 330 598 440 584 C540 572 640 576 716 602 Z",
        brim(-0.26),
    )
    if v == 0:
        s.rect((342, 348, 96, 56), f"{c.contrast()}@0.9", 10)
        s.line("M360 390 L382 362 L396 380 L406 368 L420 390", c(0.05), 6)
    else:
        s.disc(390, 372, 44, "#f5f2ea")
        s.path("M358 390 L380 350 L394 374 L404 360 L424 390 Z", brim(0.05))


DESIGNS = {
    "tshirt": tshirt,
    "hoodie": hoodie,
    "jacket": jacket,
    "jeans": jeans,
    "dress": dress,
    "socks": socks,
    "beanie": beanie,
    "cap": cap,
}

"""Sports gear and what goes outdoors."""

import math

from mercato.demo.pictures.ink import CHARCOAL, GLASS, RUBBER, STEEL, Ink
from mercato.demo.pictures.sheet import Sheet


def yoga_mat(s: Sheet, c: Ink, v: int) -> None:
    under = c.mixed("#2a2c30", 0.35) if not c.is_dark else c.mixed("#ffffff", 0.3)
    s.floor(400, 600, 320, 26)
    s.path("M150 592 L640 592 L740 520 L400 520 Z", s.across(c(0.1), c(-0.04)))
    s.path("M150 592 L640 592 L640 600 L150 600 Z M640 592 L740 520 L740 528 L640 600 Z", under(-0.06))
    if v == 1:
        s.line("M450 556 L640 556", f"{c.contrast()}@0.4", 3)
    s.path(
        "M160 400 C160 340 200 310 250 310 L660 310 C710 310 716 360 716 430 C716 520 700 560 650 562 L250 600 C190 600 160 500 160 400 Z",
        s.tube(c, 1.2),
    )
    s.oval((240, 455, 118, 146), s.round(c(0.06), c(-0.12)))
    for turn in range(7):
        s.ring((240 + turn, 455 - turn, 112 - turn * 15, 138 - turn * 19), f"{under(-0.08)}@0.85", 5)
    for x in (420, 580):
        s.path(
            f"M{x} 308 C{x + 40} 380 {x + 40} 500 {x} 580 L{x + 34} 576 C{x + 72} 500 {x + 72} 380 {x + 34} 308 Z",
            s.down(under(0.1), under(-0.1)),
        )
    s.line("M436 320 C520 220 600 250 606 314", under(0.02), 13)
    s.line("M300 340 H680", "#ffffff@0.25", 9)


def dumbbell(s: Sheet, c: Ink, v: int) -> None:
    for dy, scale in ((-96, 0.86), (110, 1.0)):
        s.move(f"translate(400 {430 + dy}) scale({scale}) rotate(-7) translate(-400 -400)")
        s.floor(400, 506, 290, 20)
        s.rect((270, 376, 260, 48), s.tube(Ink(STEEL)), 16)
        for x in range(300, 500, 11):
            s.line(f"M{x} 380 L{x + 10} 420", "#6f757b@0.6", 2.5)
        for left in (True, False):
            s.move("" if left else "matrix(-1 0 0 1 800 0)")
            if v == 0:
                s.path(
                    "M118 330 L150 290 L276 290 L300 330 L300 470 L276 510 L150 510 L118 470 Z",
                    s.down(c(0.14), f"{c(0.02)} 40%", c(-0.18)),
                )
                s.path("M118 330 L150 290 L276 290 L300 330 Z", f"{c(0.2)}@0.6")
                s.path("M118 470 L150 510 L276 510 L300 470 Z", f"{c(-0.26)}@0.5")
                s.rect((192, 374, 56, 52), f"{c.contrast()}@0.55", 8)
            else:
                s.rect((206, 268, 54, 264), s.tube(c, 1.2), 20)
                s.rect((156, 290, 48, 220), s.tube(Ink(CHARCOAL), 1.2), 18)
                s.rect((112, 318, 42, 164), s.tube(c, 1.2), 16)
                s.rect((260, 356, 22, 88), s.tube(Ink(STEEL)), 6)
            s.end()
        s.end()


def bicycle(s: Sheet, c: Ink, v: int) -> None:
    dark = Ink(RUBBER)
    s.floor(400, 648, 330, 14)
    rear, front, crank = (212, 496), (590, 496), (372, 506)
    for x, y in (rear, front):
        s.ring((x, y, 140, 140), dark(0.06), 20 if v == 1 else 13)
        s.ring((x, y, 128, 128), "#9ba0a6", 6)
        for spoke in range(14):
            angle = math.tau * spoke / 14
            s.line(f"M{x} {y} L{x + 126 * math.cos(angle):.0f} {y + 126 * math.sin(angle):.0f}", "#aeb3b8@0.8", 2)
        s.disc(x, y, 15, s.metal(Ink(STEEL)))
    seat, head = (310, 300), (540, 282)
    tubes = (
        [(seat, crank), (crank, head), (seat, head), (rear, crank), (rear, (316, 322))]
        if v == 0
        else [((322, 330), crank), (crank, (548, 320)), ((340, 390), (548, 320)), (rear, crank), (rear, (330, 362))]
    )
    for index, ((x1, y1), (x2, y2)) in enumerate(tubes):
        width = 18 if index < 3 else 11
        s.line(f"M{x1} {y1} L{x2} {y2}", c(-0.16), width)
        s.line(f"M{x1 - 2} {y1 - 3} L{x2 - 2} {y2 - 3}", c(0.06), width * 0.6)
    s.line("M532 250 L556 360 C566 420 576 460 590 496", c(-0.08), 14)
    s.line("M306 290 L296 250" if v == 0 else "M320 322 L300 244", "#9ba0a6", 10)
    s.path(
        "M236 240 C270 226 320 232 356 246 C360 256 350 260 330 258 C300 262 250 262 240 256 C232 252 230 246 236 240 Z",
        s.down(dark(0.24), dark(0.06)),
    )
    if v == 0:
        s.line("M532 256 L526 226 L560 216 C610 210 624 250 590 268 L574 270", "#6d7278", 11)
        s.line("M590 268 L566 274", dark(0.1), 14)
    else:
        s.line("M532 256 L526 214 L500 196 L456 204", "#6d7278", 11)
        s.line("M476 202 L440 208", dark(0.1), 16)
        s.line("M120 372 C150 330 250 320 320 372", c(-0.1), 9)
        s.line("M470 420 C510 344 640 330 700 400", c(-0.1), 9)
        s.path("M536 236 L640 236 L628 318 L550 318 Z", s.down("#c8996a", "#94683d"))
        for x in range(550, 640, 17):
            s.line(f"M{x} 240 L{x + (588 - x) * 0.14:.0f} 314", "#7a532e@0.6", 3)
        s.line("M538 262 H636 M542 288 H632", "#7a532e@0.6", 3)
        s.line("M532 236 H644", "#b3824f", 8)
    s.line(
        f"M{rear[0]} {rear[1] - 16} L{crank[0]} {crank[1] - 36} M{rear[0]} {rear[1] + 16} L{crank[0]} {crank[1] + 36}",
        "#4a4d52",
        4,
        stroke_dasharray="5 3",
        cap="butt",
    )
    s.ring((*crank, 38, 38), "#5a5e64", 8)
    s.disc(*crank, 13, s.metal(Ink(STEEL)))
    s.line(f"M{crank[0]} {crank[1]} L{crank[0] + 46} {crank[1] + 62}", "#8b9096", 10)
    s.rect((crank[0] + 26, crank[1] + 58, 50, 13), dark(0.1), 5)


def helmet(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 566, 270, 22, strength=0.28)
    dark = Ink(RUBBER)
    s.line("M230 500 C270 640 330 680 360 690 M540 500 C500 620 420 680 360 690", "#4c4f54", 13)
    s.rect((330, 674, 60, 28), s.cylinder(dark), 8)
    shell = "M110 500 C96 330 210 170 400 170 C590 170 700 300 702 470 C704 500 690 512 660 512 C560 500 470 520 400 540 C300 560 160 560 124 536 C112 528 110 512 110 500 Z"
    s.path(shell, s.round(c(0.18), f"{c(0.03)} 45%", c(-0.18), at=(0.34, 0.2), reach=0.85))
    s.cut(shell)
    if v == 0:
        for vent in (
            "M190 420 C200 330 260 260 340 232 C300 300 280 360 276 430 Z",
            "M330 440 C330 350 370 270 440 232 C430 300 430 370 430 434 Z",
            "M484 430 C490 350 510 290 550 262 C570 320 590 380 590 434 Z",
        ):
            s.path(vent, s.down(dark(0.02), dark(0.2)))
            s.line(vent, f"{c(0.24)}@0.5", 4)
        s.path("M110 470 C260 500 540 480 702 450 L702 560 L110 560 Z", f"{c(-0.2)}@0.55")
    else:
        s.path("M110 420 C260 460 560 450 702 400 L702 440 C560 490 260 500 110 470 Z", c.contrast(), fill_opacity=0.7)
        for x in (320, 400, 480):
            s.rect((x - 14, 214, 28, 92), s.down(dark(0.02), dark(0.2)), 14)
    s.end()
    s.path(
        "M124 536 C160 560 300 560 400 540 C470 520 560 500 660 512 C690 512 704 500 702 470 L712 496 C712 524 690 532 660 530 C560 520 480 540 400 558 C300 580 170 580 130 556 Z",
        s.down(dark(0.2), dark(0.0)),
    )
    s.path("M170 380 C190 290 260 220 360 200 C290 250 240 310 226 400 Z", "#ffffff@0.22")


def tent(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 616, 350, 24, strength=0.26)
    s.path("M60 606 C200 596 600 596 740 606 C700 640 120 640 60 606 Z", "#7f9467@0.5")
    other = c.mixed("#f3e6cc", 0.75) if not c.is_pale else Ink("#d9863f")
    if v == 0:
        s.path("M400 170 C520 190 650 380 700 604 L420 612 Z", s.across(c(-0.06), c(-0.24)))
        s.path("M400 170 C280 210 140 400 92 604 L330 612 L400 170 Z", s.across(c(-0.06), f"{c(0.1)} 60%", c(0.0)))
        s.path(
            "M400 170 C360 300 330 450 318 612 L500 612 C480 460 450 300 400 170 Z", s.down(other(0.02), other(-0.1))
        )
        s.path("M402 240 C386 360 370 490 364 612 L472 612 C456 480 436 360 402 240 Z", s.down("#2c2a26", "#4a4238"))
        s.path("M402 240 C386 360 370 490 364 612 L330 612 C350 470 380 330 402 240 Z", other(0.08))
        s.line("M400 172 C280 212 140 400 92 604", c(-0.26), 7)
        s.line("M400 172 C520 190 650 380 700 604", c(-0.3), 7)
        s.line("M400 172 C360 300 330 450 318 612", f"{c(-0.26)}@0.7", 4)
    else:
        s.path(
            "M110 600 C110 360 220 210 400 206 C580 210 690 360 690 600 Z",
            s.across(c(-0.18), f"{c(0.1)} 32%", f"{c(0.0)} 60%", c(-0.2)),
        )
        s.path("M230 606 C240 440 300 320 400 316 C500 320 560 440 570 606 Z", s.down("#2b2925", "#4a4238"))
        s.path("M230 606 C240 440 300 320 400 316 C330 380 300 480 306 606 Z", s.across(other(0.0), other(0.1)))
        s.path("M570 606 C560 440 500 320 400 316 C470 380 500 480 494 606 Z", s.across(other(0.06), other(-0.1)))
        s.line("M110 600 C140 380 260 230 400 206 C540 230 660 380 690 600", f"{c(-0.3)}@0.8", 7)
        s.line("M250 600 C236 420 300 280 400 206 C500 280 564 420 550 600", f"{c(-0.26)}@0.5", 5)
    for x, lean in ((92, -40), (700, 40)):
        s.line(f"M{x} 500 L{x + lean} 622", "#a7a39a", 3)


def bottle(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 706, 130, 16)
    dark = Ink(RUBBER)
    if v == 0:
        s.rect((352, 96, 96, 90), s.cylinder(dark), 16)
        for x in range(360, 446, 10):
            s.line(f"M{x} 116 L{x} 176", "#00000066", 4)
        s.line("M360 110 C330 40 470 40 440 110", dark(0.1), 15)
        s.path(
            "M350 186 L450 186 C456 220 520 230 520 300 L520 670 C520 694 506 706 482 706 L318 706 C294 706 280 694 280 670 L280 300 C280 230 344 220 350 186 Z",
            s.cylinder(c, 1.1),
        )
        s.rect((348, 180, 104, 14), s.metal(Ink(STEEL)), 4)
        s.rect((280, 660, 240, 20), s.metal(Ink(STEEL)))
        s.path("M372 430 L400 388 L428 430 L414 430 L414 490 L386 490 L386 430 Z", f"{c.contrast()}@0.5")
    else:
        s.rect((330, 150, 140, 60), s.cylinder(dark), 14)
        s.path("M366 150 L372 92 C374 80 426 80 428 92 L434 150 Z", s.cylinder(c))
        s.path(
            "M300 206 L500 206 C516 230 520 280 516 320 C506 380 506 420 516 480 L520 660 C520 694 506 706 482 706 L318 706 C294 706 280 694 280 660 L284 480 C294 420 294 380 284 320 C280 280 284 230 300 206 Z",
            s.cylinder(c),
        )
        s.path("M300 206 L500 206 L508 250 L292 250 Z", "#ffffff@0.14")
        for y in (360, 392, 424):
            s.line(f"M296 {y} C350 {y + 10} 450 {y + 10} 504 {y}", f"{c(-0.26)}@0.5", 7)
        s.rect((366, 520, 68, 100), f"{GLASS}@0.5", 12)
    s.path("M316 300 C306 430 306 560 314 672 L336 672 C330 560 330 430 340 290 Z", "#ffffff@0.28")


def football(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 668, 190, 24)
    base = Ink("#f5f4f0") if v == 0 else c
    patch = c if v == 0 else Ink("#f5f4f0")
    circle = "M660 410 a260 260 0 1 1 -520 0 a260 260 0 1 1 520 0 Z"
    s.path(circle, base())
    s.cut(circle)
    s.path(_pentagon(400, 390, 92, 0), patch())
    for index in range(5):
        angle = math.tau * index / 5 - math.pi / 2
        x, y = 400 + 244 * math.cos(angle), 390 + 244 * math.sin(angle)
        s.path(_pentagon(x, y, 86, 180 + index * 72), patch(-0.02))
        s.line(
            f"M{400 + 92 * math.cos(angle):.0f} {390 + 92 * math.sin(angle):.0f} L{400 + 162 * math.cos(angle):.0f} {390 + 162 * math.sin(angle):.0f}",
            base(-0.26),
            5,
        )
        half = angle + math.pi / 5
        near = (400 + 202 * math.cos(half), 390 + 202 * math.sin(half))
        s.line(
            f"M{near[0]:.0f} {near[1]:.0f} L{400 + 270 * math.cos(half):.0f} {390 + 270 * math.sin(half):.0f}",
            base(-0.26),
            5,
        )
        for side in (-1, 1):
            start = angle + side * 0.21
            s.line(
                f"M{400 + 176 * math.cos(start):.0f} {390 + 176 * math.sin(start):.0f} L{near[0]:.0f} {near[1]:.0f}"
                if side == 1
                else f"M{400 + 176 * math.cos(angle - 0.21):.0f} {390 + 176 * math.sin(angle - 0.21):.0f} L{400 + 202 * math.cos(angle - math.pi / 5):.0f} {390 + 202 * math.sin(angle - math.pi / 5):.0f}",
                base(-0.26),
                5,
            )
    s.disc(
        400,
        410,
        262,
        s.round("#ffffff@0.4", "#ffffff@0 42%", "#0d1018@0.14 70%", "#0d1018@0.5", at=(0.36, 0.28), reach=0.78),
    )
    s.end()


def _pentagon(x: float, y: float, radius: float, degrees: float) -> str:
    corners = (math.radians(degrees - 90 + 72 * corner) for corner in range(5))
    return "M" + " L".join(f"{x + radius * math.cos(a):.0f} {y + radius * math.sin(a):.0f}" for a in corners) + " Z"


def basketball(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 668, 190, 24)
    circle = "M660 410 a260 260 0 1 1 -520 0 a260 260 0 1 1 520 0 Z"
    seam = c(-0.4) if not c.is_dark else c(0.3)
    s.path(circle, c())
    s.cut(circle)
    if v == 1:
        s.path("M140 300 C300 260 500 260 660 300 L660 520 C500 560 300 560 140 520 Z", c.mixed("#fbf6ea", 0.85)())
    for row in range(34):
        s.line(
            f"M140 {154 + row * 16} L660 {154 + row * 16}",
            f"{c(-0.2)}@0.22",
            5,
            stroke_dasharray="0.1 12",
            stroke_dashoffset=row % 2 * 6,
        )
    s.turn(-18, 400, 410)
    s.line("M140 410 C300 440 500 440 660 410 M400 150 C430 300 430 520 400 670", seam, 8)
    s.line("M220 216 C330 320 330 500 220 604 M580 216 C470 320 470 500 580 604", seam, 8)
    s.end()
    s.disc(
        400,
        410,
        262,
        s.round("#ffffff@0.35", "#ffffff@0 42%", "#0d1018@0.16 70%", "#0d1018@0.55", at=(0.36, 0.28), reach=0.78),
    )
    s.end()


def racket(s: Sheet, c: Ink, v: int) -> None:
    head = "M400 90 C520 90 560 200 546 310 C534 400 470 460 400 470 C330 460 266 400 254 310 C240 200 280 90 400 90 Z"
    s.turn(32)
    s.hover(f"{head} M384 470 H416 V740 H384 Z")
    s.cut(head)
    s.rect((240, 80, 320, 400), "#ffffff@0.35")
    for step in range(17):
        s.line(f"M{262 + step * 17} 80 V480", "#b9b6a8", 2)
        s.line(f"M240 {100 + step * 23} H560", "#cfccbf", 2)
    s.end()
    s.line(head, c(-0.16), 28)
    s.line(
        "M400 88 C520 88 560 200 546 310 C534 400 470 460 400 470 C330 460 266 400 254 310 C240 200 280 88 400 88",
        c(0.06),
        16,
    )
    s.line("M330 444 L386 560 M470 444 L414 560", c(-0.06), 20)
    s.line("M326 440 L380 552", f"{c(0.24)}@0.6", 5)
    grip = Ink("#2a2c30") if v == 0 else Ink("#efe9dc")
    s.rect((376, 548, 48, 206), s.cylinder(grip), 10)
    for y in range(566, 744, 20):
        s.line(f"M378 {y} L422 {y - 13}", f"{grip.contrast()}@0.5", 4)
    s.rect((370, 738, 60, 22), s.cylinder(c), 10)
    s.end()
    s.disc(620, 620, 56, s.round("#e9f26a", "#c7d63a 55%", "#93a41f"))
    s.line("M576 590 C610 600 632 640 626 674", "#f7fad6", 6)


def sleeping_bag(s: Sheet, c: Ink, v: int) -> None:
    lining = c.mixed("#f1d9a8", 0.75) if not c.is_pale else Ink("#d58a45")
    bag = "M400 84 C520 84 596 150 590 270 C584 400 570 560 540 660 C526 716 470 722 400 722 C330 722 274 716 260 660 C230 560 216 400 210 270 C204 150 280 84 400 84 Z"
    s.turn(14)
    s.hover(bag)
    s.path(bag, s.across(c(-0.16), f"{c(0.08)} 30%", f"{c(0.0)} 62%", c(-0.18)))
    s.cut(bag)
    for row in range(9):
        y = 330 + row * 46
        s.path(
            f"M190 {y} C300 {y + 24} 500 {y + 24} 610 {y} L610 {y + 22} C500 {y + 44} 300 {y + 44} 190 {y + 22} Z",
            s.down("#ffffff@0.22", "#ffffff@0"),
        )
        s.line(f"M190 {y} C300 {y + 24} 500 {y + 24} 610 {y}", f"{c(-0.26)}@0.5", 5)
    if v == 1:
        s.path("M400 320 L620 300 L620 560 C540 520 440 420 400 320 Z", s.slanted(lining(0.06), lining(-0.1)))
    s.end()
    s.oval((400, 226, 136, 104), s.down(lining(-0.2), lining(0.06)))
    s.ring((400, 226, 138, 106), c(-0.12), 14)
    s.path("M290 250 C320 210 480 210 510 250 C500 320 300 320 290 250 Z", s.down("#faf7ef", "#ded8c9"))
    s.line("M400 330 L404 700" if v == 0 else "M400 330 C440 420 540 520 580 560", "#2f3237", 8)
    s.line(
        "M400 330 L404 700" if v == 0 else "M400 330 C440 420 540 520 580 560",
        "#c9ccd0",
        4,
        cap="butt",
        stroke_dasharray="5 4",
    )
    s.end()


DESIGNS = {
    "yoga_mat": yoga_mat,
    "dumbbell": dumbbell,
    "bicycle": bicycle,
    "helmet": helmet,
    "tent": tent,
    "bottle": bottle,
    "football": football,
    "basketball": basketball,
    "racket": racket,
    "sleeping_bag": sleeping_bag,
}

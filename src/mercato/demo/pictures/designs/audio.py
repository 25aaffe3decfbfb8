"""Headphones, earbuds, a portable speaker and a soundbar."""

from mercato.demo.pictures.ink import CHARCOAL, RUBBER, STEEL, Ink
from mercato.demo.pictures.sheet import Sheet


def headphones(s: Sheet, c: Ink, v: int) -> None:
    pad = Ink(RUBBER) if v == 0 else c.mixed("#2a2420", 0.72)
    s.floor(400, 668, 250, 20)
    s.path("M186 420 C170 40 630 40 614 420 L566 420 C572 122 228 122 234 420 Z", s.cylinder(c))
    s.line("M198 410 C185 62 615 62 602 410", s.across("#ffffff@0", "#ffffff@0.6 28%", "#ffffff@0 62%"), 9)
    s.path("M258 300 C280 134 520 134 542 300 C520 172 280 172 258 300 Z", s.down(pad(0.12), pad(-0.02)))
    for left in (True, False):
        s.move("" if left else "matrix(-1 0 0 1 800 0)")
        s.rect((190, 380, 36, 110), s.metal(Ink(STEEL)), 8)
        s.rect((180, 360, 56, 50), s.cylinder(c), 14)
        s.turn(7, 230, 530)
        s.oval((264, 530, 52, 122), s.across(pad(-0.06), pad(0.16), pad(-0.05)))
        s.oval((246, 530, 56, 126), s.across(pad(-0.04), pad(0.2), pad(0.02), pad(-0.08)))
        s.oval((220, 530, 66, 128), s.cylinder(c, 1.1))
        s.oval((205, 530, 50, 104), s.round(c(0.16), f"{c(0.02)} 45%", c(-0.12), at=(0.4, 0.25)))
        if v == 0:
            s.ring((205, 530, 38, 84), f"{c.contrast()}@0.4", 3)
        else:
            s.oval((203, 530, 26, 58), s.metal(Ink(STEEL)))
            s.oval((203, 530, 20, 50), s.slanted(c(0.1), c(-0.1)))
        s.path("M176 470 C184 440 200 428 214 430 C198 446 188 470 186 506 Z", "#ffffff@0.3")
        s.end()
        s.end()


def earbuds(s: Sheet, c: Ink, v: int) -> None:
    inside = Ink(CHARCOAL) if c.is_dark else c
    s.floor(400, 660, 230, 24)
    s.path("M210 372 C210 300 250 288 400 288 C550 288 590 300 590 372 L590 400 L210 400 Z", s.cylinder(c))
    s.path("M228 384 C228 322 270 308 400 308 C530 308 572 322 572 384 Z", s.down(inside(-0.2), inside(-0.08)))
    s.path("M200 396 L600 396 C606 560 600 640 500 652 L300 652 C200 640 194 560 200 396 Z", s.cylinder(c))
    s.oval((400, 400, 200, 34), s.down(inside(-0.16), inside(0.0)))
    s.ring((400, 400, 199, 33), f"{c(0.2)}@0.8", 4)
    for x, lean in ((312, -6), (488, 6)):
        side = 1 if x < 400 else -1
        stem = 42 if v == 0 else 56
        s.turn(lean, x, 300)
        s.turn(side * 24, x, 212)
        s.rect((x - 62, 190, 124, 60), s.tube(Ink("#3a3c40")), 28)
        s.end()
        s.rect((x - stem / 2 - side * 8, 214, stem, 200), s.cylinder(c), stem / 2)
        s.oval((x - side * 6, 208, 54, 64), s.round(c(0.2), f"{c(0.05)} 45%", c(-0.14)))
        s.line(f"M{x - side * 6 - 16} 180 Q{x - side * 6} 168 {x - side * 6 + 18} 182", f"{c.contrast()}@0.5", 5)
        s.oval((x - side * 6 - 20, 196, 12, 18), "#ffffff@0.4")
        s.line(f"M{x - side * 8} 300 L{x - side * 8} 330", f"{c.contrast()}@0.45", 5)
        s.end()
    s.path(
        "M200 408 C250 440 550 440 600 408 C606 560 600 640 500 652 L300 652 C200 640 194 560 200 408 Z", s.cylinder(c)
    )
    s.path("M200 408 C250 440 550 440 600 408 L600 420 C550 452 250 452 200 420 Z", f"{c(0.3)}@0.55")
    s.disc(400, 520, 7, "#7fe0a2" if v == 0 else "#f5f5f5")
    s.path("M232 470 C236 560 246 600 272 622 C240 610 222 560 222 470 Z", "#ffffff@0.35")


def speaker(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -52)" if v == 0 else "translate(0 -30)")
    s.floor(400, 612, 300, 26)
    if v == 0:
        body = "M210 300 L590 300 C664 300 664 604 590 604 L210 604 C136 604 136 300 210 300 Z"
    else:
        body = "M232 250 L568 250 C690 250 690 606 568 606 L232 606 C110 606 110 250 232 250 Z"
    top = 300 if v == 0 else 250
    s.path(body, s.tube(c, 1.2))
    s.cut(body)
    for row in range(22):
        y = top + 12 + row * 16
        s.line(f"M120 {y} L680 {y}", f"{c(-0.3)}@0.5", 6, stroke_dasharray="0.1 14", stroke_dashoffset=row % 2 * 7)
    s.rect((110, top, 580, 70), s.down("#ffffff@0.35", "#ffffff@0"))
    s.rect((110, 520, 580, 90), s.down("#000000@0", "#000000@0.3"))
    s.end()
    for x, start, stop in ((168, 0.2, -0.18), (632, 0.02, -0.28)):
        s.oval((x, (top + 604) / 2, 22, (604 - top) / 2 - 12), s.down(c(start), c(stop)))
        s.oval((x, (top + 604) / 2, 12, (604 - top) / 2 - 46), s.round("#5c5f64", "#191a1c"))
    s.rect((330, top - 16, 140, 26), s.tube(Ink(RUBBER)), 12)
    for x in (362, 400, 438):
        s.disc(x, top - 6, 6, "#d8d8d8")
    s.rect((356, 440, 88, 26), s.slanted("#f4f4f4", "#a9adb2"), 13)
    if v == 1:
        s.line("M170 300 C120 200 220 150 300 236", RUBBER, 14)
        s.line("M170 296 C126 204 220 158 298 232", "#5a5c60", 4)
    s.end()


def soundbar(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 590, 330, 18)
    if v == 0:
        s.floor(600, 560, 110, 20)
        s.rect((500, 250, 170, 300), s.cylinder(c), 20)
        s.rect((500, 250, 170, 26), s.across(c(0.12), c(0.02)), 13)
        s.oval((585, 400, 50, 58), s.round(c(-0.2), c(-0.06), at=(0.5, 0.4)))
        s.oval((585, 400, 30, 35), s.round(c(0.1), c(-0.16)))
    else:
        s.rect((146, 214, 508, 300), s.slanted("#3a3d42", "#17181a"), 10)
        s.rect((158, 226, 484, 270), s.slanted("#2f5f86", "#7fb0b5 45%", "#e3b98b"), 2)
        s.path("M158 420 C260 330 330 460 450 380 C530 330 590 380 642 350 L642 496 L158 496 Z", "#20405a@0.75")
        s.path("M158 226 L420 226 L250 496 L158 496 Z", "#ffffff@0.1")
    s.path("M96 500 L704 500 L690 484 L110 484 Z", s.across(c(0.05), c(0.18), c(0.0)))
    s.rect((90, 498, 620, 84), s.tube(c, 1.1), 16)
    for row in range(5):
        y = 514 + row * 13
        s.line(f"M112 {y} L688 {y}", f"{c(-0.3)}@0.55", 5, stroke_dasharray="0.1 11", stroke_dashoffset=row % 2 * 5.5)
    s.rect((372, 528, 56, 20), s.slanted("#f6f6f6", "#9fa3a8"), 4)
    for x in (630, 650, 670):
        s.disc(x, 492, 3, "#ffffff@0.8")


DESIGNS = {"headphones": headphones, "earbuds": earbuds, "speaker": speaker, "soundbar": soundbar}

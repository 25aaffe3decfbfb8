"""Small kitchen appliances, cookware and tableware."""

from mercato.demo.pictures.designs.parts import rounded
from mercato.demo.pictures.ink import CHARCOAL, CHROME, GLASS, GOLD, RUBBER, STEEL, WALNUT, WOOD, Ink
from mercato.demo.pictures.sheet import Sheet


def espresso_machine(s: Sheet, c: Ink, v: int) -> None:
    chrome, dark = Ink(CHROME), Ink(RUBBER)
    s.floor(400, 666, 250, 22)
    for x in (214, 556):
        s.rect((x, 650, 30, 18), dark(0.04), 4)
    for x in (232, 306, 380):
        s.path(f"M{x} 132 L{x + 62} 132 L{x + 56} 184 L{x + 6} 184 Z", s.cylinder(Ink("#eceae5")))
    s.line("M196 176 L604 176", chrome(-0.1), 7)
    s.rect((176, 184, 448, 236), s.across(c(-0.16), f"{c(0.1)} 20%", f"{c(0.02)} 60%", c(-0.18)), 26)
    s.rect((176, 184, 448, 50), s.down("#ffffff@0.3", "#ffffff@0"), 26)
    s.rect((196, 400, 408, 190), s.down(c(-0.26), c(-0.1)))
    s.rect((176, 400, 40, 216), s.across(c(-0.18), c(0.06), c(-0.1)))
    s.rect((584, 400, 40, 216), s.across(c(-0.04), c(-0.2)))
    s.rect((166, 590, 468, 66), s.across(c(-0.18), f"{c(0.1)} 20%", f"{c(0.0)} 60%", c(-0.2)), 14)
    s.rect((206, 584, 388, 20), s.metal(chrome), 6)
    for x in range(218, 590, 17):
        s.line(f"M{x} 588 L{x} 600", "#3a3d42", 4)
    s.disc(278, 306, 52, s.metal(chrome))
    s.disc(278, 306, 43, "#fbfaf6")
    s.line("M250 326 A34 34 0 1 1 306 326", "#9aa0a6", 4)
    s.line("M278 306 L300 282", "#d1483b", 5)
    s.disc(278, 306, 6, "#33363b")
    for index, x in enumerate((380, 450, 520)):
        s.disc(x, 306, 26, s.metal(chrome))
        s.disc(x, 306, 20, s.slanted(c(0.14), c(-0.1)) if v else s.slanted("#fafafa", "#c9ccd0"))
        s.disc(x, 306, 4, "#5fd08a" if index == 0 else "#7b8087")
    s.rect((336, 400, 128, 30), s.metal(chrome), 6)
    s.rect((348, 428, 104, 28), s.metal(Ink(STEEL)), 8)
    s.path("M440 436 L560 446 C574 448 574 470 560 470 L440 456 Z", s.tube(Ink(WALNUT) if v else dark))
    s.path("M382 456 L418 456 L412 478 L388 478 Z", s.metal(Ink(STEEL)))
    for x in (391, 409):
        s.line(f"M{x} 478 L{x} 520", "#5a3520", 4)
    s.rect((604, 388, 12, 60), s.metal(chrome), 6)
    s.line("M612 440 C650 460 652 520 640 556", chrome(-0.06), 10)
    s.path("M350 514 L450 514 C450 562 436 584 424 584 L376 584 C364 584 350 562 350 514 Z", s.cylinder(Ink("#f3f1ec")))
    s.oval((400, 515, 50, 8), "#5f3a22")
    s.line("M450 528 C478 524 478 560 444 556", "#e6e3dc", 8)


def filter_machine(s: Sheet, c: Ink, v: int) -> None:
    dark = Ink(RUBBER)
    s.floor(400, 668, 230, 20)
    s.rect((454, 130, 156, 534), s.cylinder(c), 22)
    s.path(
        "M206 156 C206 140 216 130 232 130 L600 130 C606 130 610 136 610 142 L610 296 L236 296 Z",
        s.across(c(-0.14), f"{c(0.12)} 22%", f"{c(0.0)} 62%", c(-0.18)),
    )
    s.path("M236 296 L462 296 L446 330 L256 330 Z", s.across(c(-0.24), c(-0.1), c(-0.28)))
    s.rect((196, 614, 414, 50), s.across(c(-0.16), f"{c(0.1)} 20%", f"{c(0.0)} 62%", c(-0.18)), 16)
    s.oval((340, 618, 118, 12), dark(0.06))
    s.path(
        "M250 372 L432 372 C438 420 462 450 462 520 C462 580 440 612 420 612 L262 612 C240 612 220 580 220 520 C220 450 244 420 250 372 Z",
        f"{GLASS}@0.55",
    )
    s.path(
        "M228 480 L454 480 C460 500 462 510 462 524 C462 580 440 610 420 610 L262 610 C240 610 220 580 220 524 C220 510 222 500 228 480 Z",
        s.across("#2c1710", "#5a3320", "#2c1710"),
    )
    s.oval((341, 480, 114, 12), "#6d4128")
    s.path("M244 344 L438 344 L432 376 L250 376 Z", s.cylinder(dark))
    s.path("M250 390 C246 440 232 460 232 530 C230 580 244 596 250 604 C224 570 222 470 250 390 Z", "#ffffff@0.7")
    s.line("M446 380 C500 380 506 400 504 450 C502 520 480 560 452 568", s.cylinder(dark), 20)
    s.rect((496, 160, 84, 96), "#17181b", 10)
    s.rect((506, 172, 64, 34), "#0e2a33", 4)
    s.line("M518 180 v18 M532 180 v18 M546 180 h12 v9 h-12 v9 h12", "#79e2f2", 3)
    s.disc(524, 232, 10, "#e4e4e4")
    s.disc(554, 232, 10, "#e0573c")
    if v == 1:
        s.path("M258 130 C258 88 282 70 330 70 L420 70 C450 70 462 90 462 130 Z", f"{GLASS}@0.7")
        s.path("M266 130 C268 106 290 98 330 98 L420 98 C440 98 452 106 454 130 Z", "#5b3a28")
    s.path("M224 160 C224 150 232 146 242 146 L420 146 L330 190 L252 280 Z", "#ffffff@0.16")


def kettle(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(20 -10)" if v == 0 else "translate(24 -50)")
    dark, chrome = Ink(RUBBER), Ink(STEEL)
    grip = Ink(WALNUT) if v == 1 else dark
    s.floor(388, 664, 220, 20)
    s.path("M230 640 L552 640 C560 664 556 668 540 668 L240 668 C224 668 222 664 230 640 Z", s.cylinder(dark))
    if v == 0:
        s.line("M520 236 C640 200 690 290 664 420 C650 500 620 560 556 580", s.down(grip(0.2), grip(0.02)), 38)
        s.line("M540 240 C630 220 668 300 646 420", "#ffffff@0.16", 8)
        s.path("M270 292 L186 238 C176 232 180 222 192 224 L300 236 Z", s.across(c(-0.06), c(0.1)))
        body = "M280 210 L500 210 C540 330 560 470 562 640 L216 640 C220 470 240 330 280 210 Z"
        lid = "M284 214 C300 150 480 150 498 214 Z"
        knob = (390, 152)
    else:
        s.line("M520 330 C610 250 680 330 640 440 C620 500 580 540 540 556", s.down(grip(0.16), grip(0.0)), 34)
        s.line("M260 560 C170 520 190 360 150 280 C136 250 120 240 96 236", s.down(c(0.08), c(-0.1)), 26)
        body = "M300 300 L480 300 C560 380 580 520 560 640 L220 640 C200 520 220 380 300 300 Z"
        lid = "M292 306 C310 250 470 250 488 306 Z"
        knob = (390, 252)
    s.path(lid, s.across(c(-0.2), c(0.1), c(-0.06), c(-0.24)))
    s.rect((knob[0] - 24, knob[1] - 22, 48, 26), s.tube(grip), 12)
    s.path(body, s.cylinder(c, 1.1))
    s.line(f"M{280 if v == 0 else 300} {212 if v == 0 else 302} H{500 if v == 0 else 480}", s.metal(chrome), 9)
    if v == 0:
        s.rect((458, 330, 22, 210), f"{c(-0.3)}@0.6", 11)
        s.rect((462, 420, 14, 116), s.down("#9fd4ea", "#5b9fc4"), 7)
    else:
        s.disc(390, 480, 34, s.metal(chrome))
        s.disc(390, 480, 27, "#fbfaf6")
        s.line("M390 480 L404 462", "#d1483b", 4)
    s.path("M292 330 C272 420 262 520 260 620 L288 620 C288 520 296 420 316 330 Z", "#ffffff@0.22")
    s.rect((216, 634, 346, 10), s.metal(chrome), 4)
    s.end()


def toaster(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 634, 280, 24)
    for x in (196, 548):
        s.rect((x, 612, 56, 24), "#26282b", 6)
    for x, y in ((262, 206), (420, 226)):
        s.path(
            f"M{x} 360 L{x} {y + 50} C{x - 26} {y + 10} {x + 10} {y - 20} {x + 58} {y - 14} C{x + 106} {y - 20} {x + 142} {y + 10} {x + 116} {y + 50} L{x + 116} 360 Z",
            s.across("#8a5427", "#b87a3f", "#8a5427"),
        )
        s.path(
            f"M{x + 10} 360 L{x + 10} {y + 50} C{x - 10} {y + 18} {x + 18} {y - 4} {x + 58} {y} C{x + 98} {y - 4} {x + 126} {y + 18} {x + 106} {y + 50} L{x + 106} 360 Z",
            s.down("#f0d09a", "#d9a964"),
        )
    body = rounded((140, 300, 520, 320), 92 if v == 0 else 40)
    s.path(body, s.across(c(-0.2), f"{c(0.04)} 10%", f"{c(0.12)} 28%", f"{c(0.02)} 64%", c(-0.22)))
    s.cut(body)
    s.rect((140, 300, 520, 90), s.down("#ffffff@0.4", "#ffffff@0"))
    s.rect((140, 530, 520, 90), s.down("#000000@0", "#000000@0.22"))
    if v == 1:
        s.rect((140, 556, 520, 66), s.metal(Ink(CHROME)))
    s.end()
    s.rect((220, 316, 360, 20), s.metal(Ink(STEEL)), 10)
    s.rect((232, 320, 336, 11), "#141517", 5)
    s.rect((606, 396, 10, 140), "#1a1b1e", 5)
    s.rect((590, 404, 56, 34), s.tube(Ink(RUBBER) if v == 0 else Ink(CHROME)), 14)
    s.disc(250, 490, 38, s.metal(Ink(CHROME)))
    s.disc(250, 490, 29, s.slanted("#f8f8f6", "#b9bdc1"))
    s.line("M250 490 L264 470", "#55585d", 5)
    for index, x in enumerate((336, 384, 432)):
        s.disc(x, 490, 13, s.slanted("#f4f4f4", "#b0b4b8"))
        s.disc(x, 490, 4, "#e58a3c" if index == 0 else "#8c9096")


def blender(s: Sheet, c: Ink, v: int) -> None:
    drink = Ink(("#e58a9a", "#8fbf6a")[v])
    s.floor(400, 688, 160, 20)
    s.path("M286 470 L514 470 L560 656 C564 676 556 690 536 690 L264 690 C244 690 236 676 240 656 Z", s.cylinder(c))
    s.rect((272, 452, 256, 30), s.metal(Ink(STEEL)), 10)
    s.line("M500 206 C604 204 606 400 522 410", f"{Ink(GLASS)(-0.16)}@0.9", 24)
    s.line("M500 206 C598 206 600 396 522 406", "#ffffff@0.4", 8)
    jar = "M250 160 L532 160 L508 452 L292 452 Z"
    s.path(jar, f"{GLASS}@0.75")
    s.path(
        "M262 262 C320 244 380 282 440 262 C480 250 510 256 524 262 L508 448 L292 448 Z",
        s.across(drink(-0.06), drink(0.08), drink(-0.1)),
    )
    s.oval((340, 330, 12, 12), f"{drink(0.16)}@0.7")
    s.oval((430, 380, 8, 8), f"{drink(0.16)}@0.7")
    s.path("M372 448 L400 428 L428 448 Z", "#dfe3e6")
    s.path("M270 176 L300 176 L318 440 L302 440 Z", "#ffffff@0.6")
    for row in range(5):
        s.line(f"M456 {220 + row * 42} h{34 - row * 2}", "#ffffff@0.8", 4)
    s.rect((236, 122, 310, 44), s.cylinder(Ink(RUBBER)), 14)
    s.rect((346, 92, 92, 36), s.cylinder(Ink(CHARCOAL)), 12)
    s.disc(400, 584, 54, s.metal(Ink(CHROME)))
    s.disc(400, 584, 43, s.slanted("#34363b", "#141518"))
    s.line("M400 584 L424 556", "#f2f2f2", 6)
    if v == 1:
        for x in (306, 494):
            s.rect((x - 20, 570, 40, 24), s.slanted("#f2f2f2", "#b4b8bc"), 8)


def pan(s: Sheet, c: Ink, v: int) -> None:
    s.move("rotate(-38 400 400) translate(36 44) scale(0.88)")
    grip = Ink(WOOD) if v == 1 else Ink(RUBBER)
    s.hover("M468 400 a206 206 0 1 1 -412 0 a206 206 0 1 1 412 0 Z M460 376 H770 V424 H460 Z", x=-4, y=18)
    s.rect((420, 374, 130, 52), s.tube(Ink(STEEL)), 8)
    s.path("M524 372 C620 366 700 364 756 372 C784 376 784 424 756 428 C700 436 620 434 524 428 Z", s.tube(grip, 1.2))
    s.oval((746, 400, 10, 12), "#f4f4f2")
    s.disc(262, 400, 206, s.slanted(c(0.1), c(-0.2)))
    s.disc(262, 400, 196, s.slanted(c(-0.1), c(0.12)))
    dark = Ink("#2c2d30") if v == 0 else Ink("#46484b")
    s.disc(262, 400, 184, s.slanted(dark(-0.08), dark(0.08)))
    s.disc(262, 400, 156, s.slanted(dark(0.14), dark(0.0), dark(0.06)))
    for radius in (34, 64, 94, 124):
        s.ring((262, 400, radius, radius), f"{dark(0.2)}@0.28", 2)
    for x, y in ((452, 386), (452, 414)):
        s.disc(x, y, 6, s.slanted("#f4f4f4", "#8c9094"))
    s.end()
    s.path("M150 520 C110 400 170 320 250 300 C190 350 160 420 186 510 Z", "#ffffff@0.1")


def pot(s: Sheet, c: Ink, v: int) -> None:
    knob = Ink(GOLD) if v == 1 else Ink(STEEL)
    s.floor(400, 640, 250, 24)
    for x in (126, 674):
        s.ring((x + (20 if x < 400 else -20), 420, 52, 30), c(-0.06), 24)
        s.ring((x + (20 if x < 400 else -20), 414, 52, 28), f"{c(0.2)}@0.6", 5)
    s.path(
        "M164 350 L636 350 L626 560 C622 616 592 640 540 640 L260 640 C208 640 178 616 174 560 Z", s.cylinder(c, 1.1)
    )
    s.path("M164 350 L636 350 L634 384 C500 400 300 400 166 384 Z", f"{c(-0.24)}@0.35")
    s.path(
        "M148 348 C170 250 290 224 400 224 C510 224 630 250 652 348 Z",
        s.across(c(-0.18), f"{c(0.14)} 28%", f"{c(0.02)} 56%", c(-0.22)),
    )
    s.rect((142, 336, 516, 28), s.cylinder(c, 1.2), 14)
    s.rect((376, 196, 48, 36), s.cylinder(knob), 6)
    s.oval((400, 192, 46, 20), s.round(knob(0.2), knob(-0.1)))
    s.path("M208 330 C226 280 280 256 340 246 C290 270 262 296 254 330 Z", "#ffffff@0.3")
    s.path("M200 410 C200 500 210 570 236 606 C214 590 192 560 190 410 Z", "#ffffff@0.3")
    if v == 1:
        s.line("M170 470 C300 488 500 488 630 470", f"{c(0.2)}@0.5", 5)


def knife(s: Sheet, c: Ink, v: int) -> None:
    if v == 0:
        s.move("rotate(-42 400 400) translate(40 32) scale(0.92)")
        blade = "M60 372 C180 366 340 366 470 366 L470 440 C330 452 160 440 60 372 Z"
        s.hover(f"{blade} M470 366 L750 366 L750 416 L470 416 Z", y=26)
        s.path(blade, s.down("#9ea3a8", "#dfe2e5 30%", "#f6f7f8 62%", "#b5babf"))
        s.path("M64 374 C170 436 340 446 470 434 L470 440 C330 452 160 440 60 372 Z", "#ffffff@0.85")
        s.rect((462, 360, 36, 74), s.tube(Ink(STEEL)), 6)
        s.path("M494 364 C560 356 660 358 730 366 C764 372 768 410 744 424 C700 410 600 412 494 424 Z", s.tube(c, 1.1))
        for x in (540, 610, 680):
            s.disc(x, 391, 8, s.slanted("#f4f4f4", "#878b90"))
        s.end()
        return
    s.floor(410, 664, 190, 22)
    s.move("translate(400 660) skewX(13) translate(-400 -660)")
    for index, (x, length) in enumerate(((292, 180), (352, 210), (412, 190), (470, 150))):
        s.rect((x, 300 - length, 40, length + 40), s.cylinder(c), 14)
        s.rect((x - 1, 300, 42, 26), s.metal(Ink(STEEL)), 3)
        for y in (330 - length, 390 - length):
            s.disc(x + 20, y, 5, "#e6e8ea" if index != 3 else "#d6d8da")
    s.path("M262 322 L528 322 L556 660 L246 660 Z", s.across("#a87b4d", "#d3a875 24%", "#c0925f 60%", "#8a6038"))
    s.path("M262 322 L528 322 L530 344 L261 344 Z", "#7a5530@0.5")
    for x in (290, 340, 410, 470, 508):
        s.line(f"M{x} 350 C{x - 8} 450 {x + 12} 540 {x} 650", "#7a5530@0.3", 3)
    s.end()


def mug(s: Sheet, c: Ink, v: int) -> None:
    s.floor(370, 644, 220, 26)
    s.line("M540 300 C700 270 710 510 530 520", s.down(c(0.06), c(-0.18)), 44)
    s.line("M560 288 C680 286 684 480 556 500", f"{c(0.24)}@0.5", 9)
    if v == 0:
        s.path(
            "M166 210 L566 210 L562 560 C560 616 530 644 480 644 L252 644 C202 644 172 616 170 560 Z",
            s.cylinder(c, 1.1),
        )
    else:
        s.path(
            "M166 210 L566 210 C580 340 566 460 520 560 C500 620 470 644 430 644 L302 644 C262 644 232 620 212 560 C166 460 152 340 166 210 Z",
            s.cylinder(c, 1.1),
        )
        glaze = c.mixed("#f3ece0", 0.72)
        s.path(
            "M162 250 C156 360 172 440 196 520 C260 500 300 560 360 530 C420 500 460 560 536 516 C566 440 578 360 570 250 C440 270 290 270 162 250 Z",
            s.cylinder(glaze),
        )
    s.oval((366, 210, 200, 46), s.across(c(-0.06), c(0.2), c(-0.06)))
    s.oval((366, 213, 182, 37), s.down(c(-0.3), c(-0.14)))
    s.oval((366, 224, 164, 27), s.round("#8a5a36", "#4a2a18", at=(0.4, 0.4)))
    s.oval((320, 218, 40, 8), "#c08a5c@0.5")
    for x in (300, 366, 432):
        s.line(f"M{x} 176 C{x - 30} 140 {x + 30} 116 {x} 76", "#b9b9b6@0.28", 12)


def plates(s: Sheet, c: Ink, v: int) -> None:
    s.move("translate(0 -54)")
    s.floor(400, 620, 290, 24)
    count = 4 if v == 0 else 3
    for index in range(count):
        y = 580 - index * 34
        tone = c if index % 2 == 0 or v == 0 else c.mixed("#f2ede4", 0.75)
        s.path(
            f"M120 {y - 20} C180 {y + 40} 260 {y + 44} 400 {y + 44} C540 {y + 44} 620 {y + 40} 680 {y - 20} Z",
            s.cylinder(tone),
        )
        s.oval((400, y - 20, 280, 44), s.across(tone(-0.06), tone(0.16), tone(-0.02)))
        s.oval((400, y - 16, 204, 28), s.down(tone(-0.12), tone(0.06)))
    base = 580 - (count - 1) * 34 - 24
    bowl = c if v == 1 else c.mixed("#f2ede4", 0.7)
    s.path(
        f"M228 {base - 160} C236 {base - 60} 300 {base} 350 {base + 6} L450 {base + 6} C500 {base} 564 {base - 60} 572 {base - 160} Z",
        s.cylinder(bowl, 1.1),
    )
    s.oval((400, base - 160, 172, 38), s.across(bowl(-0.04), bowl(0.18), bowl(-0.06)))
    s.oval((400, base - 156, 156, 30), s.down(bowl(-0.26), bowl(-0.06)))
    s.path(
        f"M258 {base - 110} C268 {base - 60} 300 {base - 24} 330 {base - 8} C300 {base - 50} 286 {base - 90} 282 {base - 112} Z",
        "#ffffff@0.35",
    )
    s.end()


DESIGNS = {
    "espresso_machine": espresso_machine,
    "filter_machine": filter_machine,
    "kettle": kettle,
    "toaster": toaster,
    "blender": blender,
    "pan": pan,
    "pot": pot,
    "knife": knife,
    "mug": mug,
    "plates": plates,
}

"""What lies and stands in an office."""

from mercato.demo.pictures.designs.parts import rounded, screen, stitches
from mercato.demo.pictures.ink import CHARCOAL, GOLD, RUBBER, STEEL, WOOD, Ink
from mercato.demo.pictures.sheet import Sheet


def notebook(s: Sheet, c: Ink, v: int) -> None:
    s.turn(8 if v == 0 else -6)
    outline = rounded((214, 110, 376, 574), 24)
    s.hover(outline, x=12, y=18)
    s.rect((226, 118, 372, 574), s.across("#efe9db", "#d6cebc"), 20)
    for x in (592, 595):
        s.line(f"M{x} 140 V670", "#b9b09c", 1.5)
    s.rect((214, 110, 376, 574), s.across(c(-0.12), f"{c(0.02)} 10%", f"{c(0.08)} 40%", c(-0.08)), 24)
    s.rect((214, 110, 376, 574), s.slanted("#ffffff@0.18", "#ffffff@0 50%", "#000000@0.12"), 24)
    if v == 0:
        s.line("M270 112 V682", f"{c(-0.26)}@0.55", 5)
        s.rect((532, 104, 17, 586), s.across(c(-0.3), c(-0.16)), 3)
        s.path("M330 684 L330 744 L343 728 L356 744 L356 684 Z", GOLD)
        s.rect((330, 210, 150, 74), f"{c.contrast()}@0.16", 6)
        stitches(s, "M338 218 H472 V276 H338 Z", f"{c.contrast()}@0.6", 2.5)
    else:
        for row in range(16):
            y = 144 + row * 34
            s.disc(250, y, 8, "#1c1d20@0.8")
            s.line(f"M250 {y} C206 {y - 22} 176 {y + 6} 206 {y + 12} L250 {y + 2}", s.down("#f4f4f4", "#85898e"), 6)
        s.rect((316, 216, 220, 150), "#fbf8f0", 8)
        for row in range(3):
            s.line(f"M340 {258 + row * 32} H512", "#c9c2b4", 4)
    s.end()


def pen(s: Sheet, c: Ink, v: int) -> None:
    s.turn(-40)
    metal = Ink(GOLD) if v == 0 else Ink(STEEL)
    shape = "M70 400 L170 366 H740 V434 H170 Z"
    for offset in (0,) if v == 0 else (-76, 76):
        s.move(f"translate(0 {offset}) scale(0.96) translate(16 16)")
        s.hover(shape, y=30)
        s.path("M66 400 L150 374 L150 426 Z", s.tube(metal))
        s.line("M74 400 L140 400", "#5a4a28", 2)
        s.path("M148 372 L200 362 L200 438 L148 428 Z", s.tube(Ink(RUBBER)))
        s.rect((196, 360, 300, 80), s.tube(c, 1.2), 8)
        s.rect((480, 354, 22, 92), s.tube(metal), 4)
        s.rect((500, 356, 240, 88), s.tube(c if v == 0 else c.mixed("#2b2d31", 0.3), 1.2), 16)
        s.rect((724, 364, 22, 72), s.tube(metal), 10)
        s.path("M724 362 L560 350 C548 348 548 336 560 336 L740 344 L740 364 Z", s.tube(metal))
        s.line("M210 380 H470", "#ffffff@0.3", 6)
        s.end()
    s.end()


def pencils(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 690, 190, 20)
    colors = ("#d9534a", "#e9b23f", "#4f8fc4", "#6aa86a", "#b07ab8", "#e58a3c", "#3f4a5c")
    for index, x in enumerate(range(262, 540, 40)):
        ink = Ink(colors[(index + v * 3) % 7])
        lean = (x - 400) * 0.055
        top = 150 + (index * 53 + v * 31) % 90
        s.turn(lean, x, 560)
        s.rect((x - 17, top + 60, 34, 400), s.cylinder(ink))
        s.path(
            f"M{x - 17} {top + 62} L{x} {top} L{x + 17} {top + 62} C{x + 8} {top + 54} {x - 8} {top + 54} {x - 17} {top + 62} Z",
            s.across("#f2d9b2", "#cfa46e"),
        )
        s.path(f"M{x - 6} {top + 22} L{x} {top} L{x + 6} {top + 22} Z", ink(-0.06))
        s.end()
    if v == 0:
        s.path("M238 420 L562 420 L540 690 L260 690 Z", s.cylinder(c, 1.1))
        s.oval((400, 420, 162, 24), s.across(c(0.04), c(-0.14)))
        s.path("M238 420 C300 446 500 446 562 420 L560 444 C500 470 300 470 240 444 Z", f"{c(0.2)}@0.4")
    else:
        s.rect((224, 410, 352, 280), s.across(c(-0.1), f"{c(0.08)} 30%", c(-0.12)), 14)
        s.rect((224, 410, 352, 40), s.down(c(0.14), c(-0.04)), 14)
        s.rect((300, 500, 200, 110), "#fbf8f0", 8)
        for index, color in enumerate(colors[:5]):
            s.disc(330 + index * 35, 555, 13, color)


def office_chair(s: Sheet, c: Ink, v: int) -> None:
    dark, chrome = Ink(RUBBER), Ink(STEEL)
    s.floor(400, 712, 190, 14)
    for x in (230, 300, 400, 500, 570):
        y = 690 if x in {230, 570} else 704
        s.line(f"M400 630 L{x} {y - 20}", s.down(dark(0.3), dark(0.06)), 20)
        s.disc(x, y, 16, s.round(dark(0.24), dark(0.0)))
    s.rect((382, 540, 36, 100), s.metal(chrome), 6)
    s.rect((330, 520, 140, 30), s.tube(dark), 10)
    back = (
        "M268 128 C280 96 520 96 532 128 C556 220 552 330 528 400 C500 424 300 424 272 400 C248 330 244 220 268 128 Z"
    )
    s.path(back, s.across(dark(0.02), dark(0.2), dark(0.0)))
    inner = (
        "M286 142 C300 116 500 116 514 142 C534 224 532 320 512 384 C480 402 320 402 288 384 C268 320 266 224 286 142 Z"
    )
    s.path(inner, s.across(c(-0.12), f"{c(0.08)} 36%", c(-0.14)))
    s.cut(inner)
    if v == 0:
        for row in range(24):
            s.line(
                f"M260 {130 + row * 12} L540 {130 + row * 12}",
                f"{c(-0.26)}@0.4",
                5,
                stroke_dasharray="0.1 9",
                stroke_dashoffset=row % 2 * 4.5,
            )
    else:
        for y in (200, 270, 340):
            s.line(f"M270 {y} C340 {y + 10} 460 {y + 10} 530 {y}", f"{c(-0.26)}@0.6", 5)
    s.end()
    s.rect((386, 396, 28, 80), s.cylinder(dark), 8)
    for left in (True, False):
        s.move("" if left else "matrix(-1 0 0 1 800 0)")
        s.line("M290 500 L216 500 L210 400", s.across(dark(0.1), dark(0.26)), 18)
        s.rect((164, 376, 104, 28), s.tube(dark), 14)
        s.end()
    s.path(
        "M236 470 C240 444 270 440 300 440 L500 440 C530 440 560 444 564 470 L570 508 C572 528 556 534 530 534 L270 534 C244 534 228 528 230 508 Z",
        s.down(c(0.14), f"{c(0.02)} 45%", c(-0.18)),
    )
    s.line("M234 506 C320 522 480 522 566 506", f"{c(-0.26)}@0.6", 4)
    if v == 1:
        s.rect((320, 64, 160, 60), s.tube(c), 26)
        s.rect((388, 112, 24, 24), dark(0.1))


def desk(s: Sheet, c: Ink, v: int) -> None:
    leg = Ink(CHARCOAL) if v == 0 else Ink(WOOD)
    s.floor(400, 640, 330, 14)
    for x, lean in ((122, 0 if v == 0 else -22), (664, 0 if v == 0 else 22)):
        s.path(f"M{x} 400 h18 l{lean} 240 h-18 Z", s.cylinder(leg))
    if v == 0:
        s.rect((112, 624, 90, 14), s.tube(leg), 6)
        s.rect((602, 624, 90, 14), s.tube(leg), 6)
        s.rect((140, 560, 526, 10), leg(0.04))
    s.path("M96 372 L704 372 L740 396 L60 396 Z", s.across(c(0.04), f"{c(0.16)} 40%", c(0.02)))
    s.rect((60, 396, 680, 24), s.down(c(0.06), c(-0.14)), 4)
    s.rect((420, 420, 230, 84), s.down(c(-0.02), c(-0.12)), 4)
    s.line("M420 462 H650", f"{c(-0.28)}@0.7", 3)
    for y in (441, 483):
        s.rect((512, y - 5, 46, 9), s.metal(Ink(STEEL)), 4)
    s.rect((220, 230, 210, 124), "#1a1b1e", 8)
    screen(s, (228, 238, 194, 108), v, 3)
    s.path("M312 354 h26 l8 28 h-42 Z", s.down("#9da1a6", "#6f7378"))
    s.path("M560 300 C560 340 566 376 590 378 L618 378 C640 376 646 340 646 300 Z", s.cylinder(Ink("#ece6da")))
    for degrees, length in ((-40, 86), (-16, 112), (12, 116), (38, 90)):
        s.turn(degrees, 603, 300)
        s.path(
            f"M603 304 C{603 - 22} {304 - length * 0.5} {603 - 10} {304 - length} 603 {300 - length} C{603 + 12} {304 - length} {603 + 22} {304 - length * 0.5} 603 304 Z",
            s.across("#79a565", "#4a7a3e"),
        )
        s.end()


DESIGNS = {
    "notebook": notebook,
    "pen": pen,
    "pencils": pencils,
    "office_chair": office_chair,
    "desk": desk,
}

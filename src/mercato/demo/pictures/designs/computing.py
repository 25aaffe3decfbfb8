"""Laptop, tablet, monitor, keyboard and mouse."""

from mercato.demo.pictures.designs.parts import rounded, screen
from mercato.demo.pictures.ink import CHARCOAL, RUBBER, STEEL, Ink
from mercato.demo.pictures.sheet import Sheet


def laptop(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 604, 320, 18)
    s.rect((164, 170, 472, 316), s.across(c(-0.06), c(0.08), c(-0.1)), 18)
    s.rect((168, 174, 464, 310), "#141517", 15)
    screen(s, (180, 186, 440, 280), v, 4)
    s.disc(400, 180, 2.5, "#4a4d52")
    s.path("M166 484 L634 484 L716 588 L84 588 Z", s.down(c(-0.12), f"{c(0.06)} 14%", c(0.02)))
    s.path("M196 496 L604 496 L632 538 L168 538 Z", c(-0.3) if not c.is_dark else c(0.08))
    for row in range(5):
        y, inset = 501 + row * 8, 200 - row * 5.6
        s.line(
            f"M{inset} {y} L{800 - inset} {y}",
            c(0.1) if c.is_pale or v == 1 else "#26282c",
            6,
            stroke_dasharray="22 4.5",
            cap="butt",
        )
    s.path("M330 546 L470 546 L478 578 L322 578 Z", s.down(c(-0.06), c(0.04)))
    s.path("M84 588 L716 588 C716 600 706 606 690 606 L110 606 C94 606 84 600 84 588 Z", s.down(c(0.12), c(-0.2)))
    s.path("M352 588 L448 588 C446 595 440 597 432 597 L368 597 C360 597 354 595 352 588 Z", c(-0.24))


def tablet(s: Sheet, c: Ink, v: int) -> None:
    if v == 0:
        s.hover(rounded((196, 116, 408, 560), 34))
        s.rect((196, 116, 408, 560), s.slanted(c(0.14), c(-0.16)), 36)
        s.rect((202, 122, 396, 548), "#17181b", 31)
        screen(s, (224, 146, 352, 500), 1, 8)
        _icons(s, (254, 520), c)
        s.disc(400, 134, 4, "#3b3e44")
        s.turn(12, 640, 400)
        s.rect((634, 190, 17, 400), s.cylinder(Ink("#ececea")), 8)
        s.path("M634 586 L651 586 L643 622 Z", "#c9c9c6")
        s.end()
    else:
        s.floor(400, 640, 300, 18)
        s.path("M250 600 L560 600 L640 646 L170 646 Z", s.down(c(-0.16), c(-0.04)))
        s.rect((114, 200, 572, 412), s.slanted(c(0.14), c(-0.16)), 30)
        s.rect((120, 206, 560, 400), "#17181b", 25)
        screen(s, (142, 228, 516, 356), 2, 6)
        _icons(s, (300, 524), c)
        s.path(
            "M114 590 L686 590 L686 600 C686 616 672 626 656 626 L144 626 C128 626 114 616 114 600 Z",
            s.down(c(0.06), c(-0.12)),
        )


def _icons(s: Sheet, at: tuple[float, float], c: Ink) -> None:
    x, y = at
    for column, color in enumerate((c(0.12), "#f4f4f4", "#e9b44c", "#6cc08b")):
        s.rect((x + column * 78, y, 52, 52), s.slanted(color, Ink(color)(-0.1)), 14)
        s.disc(x + column * 78 + 26, y + 26, 11, "#ffffff@0.6" if column != 1 else "#7a8088@0.7")


def monitor(s: Sheet, c: Ink, v: int) -> None:
    s.floor(400, 652, 190, 16)
    if v == 0:
        s.path("M290 652 C290 630 330 622 400 622 C470 622 510 630 510 652 Z", s.metal(c))
        s.rect((364, 500, 72, 132), s.cylinder(c), 6)
        s.rect((86, 138, 628, 384), s.across(c(0.02), c(0.1), c(-0.12)), 14)
        s.rect((94, 146, 612, 350), "#15161a", 8)
        screen(s, (102, 154, 596, 334), 0, 3)
        s.rect((376, 504, 48, 7), f"{c.contrast()}@0.7", 3)
    else:
        s.path("M262 654 L372 560 L428 560 L538 654 L506 654 L400 588 L294 654 Z", s.down(c(0.0), c(-0.18)))
        s.rect((372, 470, 56, 110), s.cylinder(c), 6)
        s.path("M60 196 Q400 168 740 196 L740 522 Q400 496 60 522 Z", s.across(c(-0.1), c(0.1), c(-0.16)))
        outline = "M70 206 Q400 179 730 206 L730 510 Q400 485 70 510 Z"
        s.path(outline, "#15161a")
        s.cut(outline)
        screen(s, (70, 178, 660, 334), 1, 0)
        s.path(
            "M70 170 L730 170 L730 520 L70 520 Z",
            s.across("#000000@0.25", "#000000@0 30%", "#ffffff@0.08 60%", "#000000@0.25"),
        )
        s.end()
        s.line("M64 525 Q400 499 736 525", f"{c.contrast()}@0.6", 4)


def keyboard(s: Sheet, c: Ink, v: int) -> None:
    columns, x, width = (15, 72, 656) if v == 0 else (12, 128, 544)
    top = 286
    outline = rounded((x, top, width, 242), 24)
    s.move(
        "rotate(-9 400 400) translate(400 400) scale(1.0 1.08) translate(-400 -406)"
        if v == 0
        else "rotate(-9 400 400) translate(400 400) scale(1.18) translate(-400 -406)"
    )
    s.hover(outline, y=22)
    if v == 1:
        for hue, at in (("#e0457b", 0.1), ("#7a5cf0", 0.4), ("#3aa6f0", 0.7), ("#3fe0a8", 0.95)):
            s.oval((x + width * at, top + 240, 90, 28), s.round(f"{hue}@0.7", f"{hue}@0", at=(0.5, 0.5), reach=0.5))
    s.path(outline, s.down(c(0.04), c(-0.16)))
    s.rect((x, top, width, 232), s.slanted(c(0.06), c(-0.06)), 24)
    well = c(-0.16) if not c.is_dark else c(-0.12)
    s.rect((x + 14, top + 14, width - 28, 204), well, 12)
    pitch = (width - 36) / columns
    caps = Ink(c(0.1)) if c.is_dark else Ink(c(0.06))
    accent = Ink("#e3703f") if v == 0 else Ink("#46494f")
    for row in range(5):
        place = 0.0
        for key, span in enumerate(_key_row(row, columns)):
            special = (row, key) in {(0, 0), (4, 3)} or (row == 2 and key == len(_key_row(row, columns)) - 1)
            _key(s, (x + 18 + place * pitch, top + 19 + row * 39.4, span * pitch - 5, 34), accent if special else caps)
            place += span
    s.end()


def _key_row(row: int, columns: int) -> list[float]:
    if row == 4:
        return [1.25, 1.25, 1.25, columns - 7.5, 1.25, 1.25, 1.25]
    first = (1.0, 1.5, 1.75, 2.25)[row]
    last = (2.0, 1.5, 2.25, 1.75)[row]
    return [first, *([1.0] * int(columns - first - last)), columns - first - int(columns - first - last)]


def _key(s: Sheet, box: tuple[float, float, float, float], ink: Ink) -> None:
    x, y, width, height = box
    s.rect(box, ink(-0.16), 6)
    s.rect((x + 3, y + 1, width - 6, height - 8), s.down(ink(0.06), ink(-0.02)), 5)


def mouse(s: Sheet, c: Ink, v: int) -> None:
    if v == 0:
        body = "M400 132 C508 132 548 250 552 400 C556 580 498 668 400 668 C302 668 244 580 248 400 C252 250 292 132 400 132 Z"
    else:
        body = (
            "M400 128 C470 124 536 150 548 214 C560 280 532 340 548 420 C572 540 520 672 400 672 "
            "C280 672 228 540 252 420 C268 340 240 280 252 214 C264 150 330 124 400 128 Z"
        )
    s.turn(14)
    s.hover(body, x=2, y=24)
    s.path(body, s.across(c(-0.2), f"{c(0.0)} 14%", f"{c(0.12)} 36%", f"{c(0.02)} 60%", f"{c(-0.14)} 88%", c(-0.24)))
    s.cut(body)
    s.rect((240, 120, 320, 190), s.down("#ffffff@0.25", "#ffffff@0"))
    s.rect((240, 470, 320, 210), s.down("#000000@0", "#000000@0.24"))
    s.line("M240 356 C300 388 500 388 560 356", f"{c(-0.3)}@0.75", 4)
    s.line("M400 120 L400 374", f"{c(-0.3)}@0.75", 4)
    if v == 1:
        for x, sweep in ((268, 1), (532, -1)):
            s.line(
                f"M{x} 430 C{x + sweep * 30} 520 {x + sweep * 40} 580 {x + sweep * 110} 650",
                s.down("#39d6e8", "#8a5cf0", "#f0568f"),
                9,
            )
        s.path("M252 420 C268 430 284 520 330 640 L240 680 L230 420 Z", "#000000@0.2")
    s.end()
    s.rect((378, 196, 44, 108), "#101114", 22)
    s.rect((385, 204, 30, 92), s.metal(Ink(STEEL if v == 0 else CHARCOAL)), 15)
    for y in range(214, 290, 12):
        s.line(f"M387 {y} L413 {y}", "#00000055", 3)
    if v == 1:
        s.rect((388, 322, 24, 26), s.down("#44474d", RUBBER), 8)
        s.path("M252 330 C246 300 246 270 252 240 C262 262 264 310 262 340 Z", c(-0.3))
    else:
        s.oval((400, 540, 22, 22), f"{c.contrast()}@0.25")
    s.path("M292 240 C300 190 330 160 362 152 C330 186 312 240 306 330 C296 310 288 270 292 240 Z", "#ffffff@0.28")
    s.end()


DESIGNS = {"laptop": laptop, "tablet": tablet, "monitor": monitor, "keyboard": keyboard, "mouse": mouse}

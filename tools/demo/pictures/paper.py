"""Flat things: licence cards, tickets, key cards, books, games and a pen."""

from __future__ import annotations

from collections.abc import Callable

from tools.demo.pictures.svg import Sheet, circle, dark, group, light, oval, path, rect, stroke

# What a licence shows in its middle, drawn about (0, 0) within ±60.
GLYPHS = {
    "pen": "M-44 50L-30 6L26 -50Q36 -58 46 -48T50 -28L-6 28ZM-30 6L-6 28M10 -34L34 -12",
    "globe": (
        "M-54 0A54 54 0 1 0 54 0A54 54 0 1 0 -54 0H54M0 -54C-34 -20 -34 20 0 54"
        "C34 20 34 -20 0 -54M-46 -28H46M-46 28H46"
    ),
    "lens": "M-46 -12A36 36 0 1 0 26 -12A36 36 0 1 0 -46 -12ZM16 16L52 52M-26 -18H6M-26 -2H-4",
    "brackets": "M-26 -42L-58 0L-26 42M26 -42L58 0L26 42M12 -54L-12 54",
    "picture": (
        "M-56 -44H56V44H-56ZM-56 28L-22 -8L6 22L24 4L56 36M20 -20A10 10 0 1 0 40 -20"
        "A10 10 0 1 0 20 -20"
    ),
    "wave": "M-58 -8V8M-36 -26V26M-14 -52V52M10 -34V34M34 -18V18M56 -6V6",
}


def licence(glyph: str) -> Callable[[Sheet, str], None]:
    """A drawing of a licence card that shows `glyph`."""

    def draw(sheet: Sheet, colour: str) -> None:
        sheet.floor(400, 500, 260, 18)
        face = sheet.shade(
            (light(colour, 0.22), 0), (colour, 0.5), (dark(colour, 0.35), 1), slant=True
        )
        shine = sheet.shade(("#ffffff", 0, 0.28), ("#ffffff", 1, 0), slant=True)
        back = rect(150, 130, 500, 314, light(colour, 0.55), 30, transform="rotate(-6 400 300)")
        card = (
            rect(150, 136, 500, 314, dark(colour, 0.5), 30),
            rect(150, 132, 500, 314, face, 30),
            circle(560, 180, 190, "#ffffff", opacity="0.06"),
            circle(610, 410, 150, "#ffffff", opacity="0.06"),
            path("M150 162Q150 132 180 132H470L250 446H180Q150 446 150 416Z", shine),
        )
        clip = (
            '<clipPath id="c"><rect x="150" y="132" width="500" height="314" rx="30"/></clipPath>'
        )
        sheet.add(back, clip, *card[:2], group(*card[2:], clip_path="url(#c)"))
        mark = stroke(GLYPHS[glyph], "#ffffff", 9)
        sheet.add(group(mark, transform="translate(400 262) scale(1.15)"))
        sheet.add(
            *(rect(190 + 68 * k, 392, 52, 12, "#ffffff", 6, opacity="0.75") for k in range(4))
        )
        sheet.add(path("M584 164l8 18 18 8-18 8-8 18-8-18-18-8 18-8z", "#ffffff", opacity="0.9"))
        sheet.add(rect(560, 388, 52, 20, "#ffffff", 10, opacity="0.3"))

    return draw


def _slip(sheet: Sheet, colour: str, tear: float) -> None:
    """A paper voucher with notches and a perforation at x = `tear`."""
    d = (
        f"M140 180H{tear - 18}A18 18 0 0 0 {tear + 18} 180H660Q676 180 676 196V404Q676 420 660 420"
        f"H{tear + 18}A18 18 0 0 0 {tear - 18} 420H140Q124 420 124 404V196Q124 180 140 180Z"
    )
    sheet.add(path(d, "#1b2233", opacity="0.16", transform="translate(6 14)"))
    sheet.add(
        path(
            d,
            sheet.shade(
                (light(colour, 0.16), 0), (colour, 0.5), (dark(colour, 0.24), 1), slant=True
            ),
        )
    )
    sheet.add(stroke(f"M{tear} 212V392", "#ffffff", 4, stroke_dasharray="1 14", opacity="0.8"))


def ticket(sheet: Sheet, colour: str) -> None:
    """A cinema ticket with a clapper and a star, another one behind it."""
    sheet.floor(400, 476, 280, 18)
    sheet.add(rect(140, 176, 530, 236, light(colour, 0.5), 16, transform="rotate(-8 400 300)"))
    _slip(sheet, colour, 540)
    sheet.add(rect(196, 266, 190, 112, "#ffffff", 10))
    sheet.add(
        path("M196 232L380 208L386 240L202 264Z", "#ffffff"),
        path(
            "M214 230l24-3 8 30-24 3zM262 224l24-3 8 30-24 3zM310 218l24-3 8 30-24 3z",
            dark(colour, 0.4),
        ),
    )
    sheet.add(path("M274 296v52l44-26z", colour))
    sheet.add(
        *(
            rect(418, y, w, 12, "#ffffff", 6, opacity="0.85")
            for y, w in ((252.0, 86), (282.0, 60), (312.0, 74), (342.0, 50))
        )
    )
    star = "M608 244l15 34 37 4-28 25 8 37-32-19-32 19 8-37-28-25 37-4z"
    sheet.add(path(star, "#ffe3a3"))


def voucher_cup(sheet: Sheet, colour: str) -> None:
    """A paper coffee cup in front of its voucher."""
    sheet.floor(420, 520, 250, 20)
    slip = light(colour, 0.72)
    sheet.add(rect(120, 220, 420, 230, slip, 18, transform="rotate(-7 330 335)"))
    marks = (
        *(rect(156, 270.0 + k * 34, 150 - k * 22, 14, colour, 7, opacity="0.55") for k in range(4)),
    )
    sheet.add(group(*marks, transform="rotate(-7 330 335)"))
    sheet.add(
        stroke("M470 96c-20-26 20-36 0-62M520 96c-20-26 20-36 0-62", "#ffffff", 9, opacity="0.9")
    )
    sheet.add(path("M372 150H612L586 516H398Z", sheet.tube("#f7f3ea")))
    sheet.add(path("M381 270H603L592 424H392Z", sheet.tube(colour)))
    bean = oval(492, 346, 34, 46, light(colour, 0.65), transform="rotate(24 492 346)")
    sheet.add(bean, stroke("M508 306C478 330 506 360 476 388", colour, 6))
    sheet.add(
        rect(360, 128, 264, 32, sheet.tube(dark(colour, 0.45)), 10),
        rect(380, 106, 224, 30, sheet.tube(dark(colour, 0.35)), 12),
    )


def boarding_pass(sheet: Sheet, colour: str) -> None:
    """A lounge pass with an armchair and an aeroplane."""
    sheet.floor(400, 476, 280, 18)
    _slip(sheet, colour, 520)
    chair = (
        "M232 300V262Q232 232 262 232H330Q360 232 360 262V300M210 316Q210 296 230 296"
        "T250 316V340H342V316Q342 296 362 296T382 316V364H210ZM228 364V384M364 364V384"
    )
    sheet.add(
        stroke(chair, "#ffffff", 9),
        *(
            rect(418, y, w, 11, "#ffffff", 5.5, opacity="0.8")
            for y, w in ((250.0, 66), (278.0, 44), (306.0, 58))
        ),
    )
    plane = (
        "M0 -54C9 -54 12 -40 12 -28V-14L54 14V26L12 14V36L26 48V56L0 50L-26 56V48L-12 36V14"
        "L-54 26V14L-12 -14V-28C-12 -40 -9 -54 0 -54Z"
    )
    sheet.add(path(plane, "#ffe3a3", transform="translate(598 300) rotate(45)"))


def key_card(sheet: Sheet, colour: str) -> None:
    """Two key cards with a small car on the front one."""
    sheet.floor(400, 482, 250, 18)
    sheet.add(rect(200, 120, 420, 264, light(colour, 0.35), 26, transform="rotate(9 400 300)"))
    sheet.add(
        rect(184, 184, 420, 268, dark(colour, 0.5), 26),
        rect(184, 180, 420, 268, sheet.body(colour), 26),
    )
    car = (
        "M-110 24C-112 -2 -96 -8 -60 -14C-36 -40 -10 -46 16 -46C56 -46 74 -28 92 -14"
        "C112 -10 116 2 112 24H90A24 24 0 0 0 42 24H-44A24 24 0 0 0 -92 24Z"
    )
    sheet.add(path(car, "#ffffff", opacity="0.92", transform="translate(394 312)"))
    sheet.add(
        circle(328, 338, 17, stroke="#ffffff", stroke_width=7.0),
        circle(460, 338, 17, stroke="#ffffff", stroke_width=7.0),
    )
    sheet.add(
        stroke("M536 228a22 22 0 0 1 0 36M552 214a42 42 0 0 1 0 64", "#ffffff", 6, opacity="0.8")
    )
    sheet.add(
        path("M184 206Q184 180 210 180H440L260 448H210Q184 448 184 422Z", "#ffffff", opacity="0.07")
    )


def notebook(sheet: Sheet, colour: str) -> None:
    """A cloth notebook with an elastic band and a ribbon."""
    sheet.floor(404, 528, 200, 18)
    sheet.add(path("M420 500V556L432 542L444 556V500Z", "#e5533d"))
    sheet.add(
        rect(246, 84, 330, 440, dark(colour, 0.45), 14), rect(256, 88, 316, 430, "#f4efe2", 8)
    )
    sheet.add(
        rect(240, 78, 326, 436, sheet.body(colour, 0.7), 14),
        rect(240, 78, 42, 436, dark(colour, 0.28), 14),
    )
    weave = "".join(f"M284 {y}H564" for y in range(88, 510, 9))
    sheet.add(path(weave, stroke="#ffffff", stroke_width=1, opacity="0.12"))
    sheet.add(
        rect(330, 168, 160, 84, "#f8f4ea", 6),
        rect(352, 194, 116, 7, colour, 3.5),
        rect(372, 214, 76, 7, colour, 3.5, opacity="0.5"),
    )
    sheet.add(rect(528, 78, 14, 436, dark(colour, 0.55)))


def pen(sheet: Sheet, colour: str) -> None:
    """A turned pen lying across the sheet, with the line it drew."""
    barrel = sheet.shade((light(colour, 0.55), 0), (colour, 0.4), (dark(colour, 0.4), 1))
    parts = (
        rect(250, 282, 320, 40, barrel, 8),
        path("M250 284L176 298V306L250 320Z", barrel),
        path("M180 297L158 301V303L180 307Z", "#5b6068"),
        rect(566, 288, 40, 28, barrel, 6),
        rect(602, 294, 26, 16, dark(colour, 0.35), 6),
        path("M420 274H556Q566 274 566 282V288H430Q420 288 420 281Z", light(colour, 0.3)),
        *(
            rect(x, 282, 4, 40, dark(colour, 0.35), opacity="0.6")
            for x in (276.0, 290.0, 304.0, 318.0)
        ),
        rect(256, 290, 306, 5, "#ffffff", 2.5, opacity="0.5"),
    )
    sheet.add(
        stroke("M130 462C180 420 210 500 250 462S320 440 350 470S420 480 470 452", "#3b4f78", 5)
    )
    sheet.add(
        group(
            rect(180, 340, 430, 16, "#1b2233", 8, opacity="0.14"),
            *parts,
            transform="rotate(-28 400 300)",
        )
    )


def board_game(sheet: Sheet, colour: str) -> None:
    """A game box with a harbour on the lid, ships and a die before it."""
    sheet.floor(400, 506, 300, 22)
    sheet.add(
        rect(186, 96, 400, 376, dark(colour, 0.5), 12),
        rect(180, 90, 400, 360, sheet.body(colour), 12),
    )
    sheet.add(
        rect(206, 116, 348, 308, sheet.shade(("#f7d9b0", 0), ("#f2b48c", 1)), 6),
        circle(470, 208, 44, "#fff1cf"),
    )
    sheet.add(
        path(
            (
                "M206 330C270 312 300 344 360 330S470 312 554 332V418Q554 424 548 424H212"
                "Q206 424 206 418Z"
            ),
            dark(colour, 0.2),
        )
    )
    sheet.add(
        path("M286 326H424L400 366H310Z", "#7a3d2c"),
        path("M350 316V176L290 306Z", "#fffaf0"),
        path("M360 316V196L414 306Z", "#f1e3cc"),
    )
    sheet.add(
        stroke("M230 388q18-12 36 0t36 0 36 0 36 0 36 0 36 0 36 0", "#ffffff", 5, opacity="0.5")
    )
    for x, tint in ((560, "#e5533d"), (632, "#f0b429")):
        sheet.add(
            path(f"M{x - 30} 470h60l-10 30h-40z", tint),
            path(f"M{x} 464v-48l-24 44z", light(tint, 0.35)),
        )
    sheet.add(rect(120, 430, 76, 76, "#fbfaf6", 14, transform="rotate(-12 158 468)"))
    sheet.add(*(circle(x, y, 7, "#2b2f36") for x, y in ((139, 456), (158, 468), (177, 480))))


def playing_cards(sheet: Sheet, colour: str) -> None:
    """A fan of cards, the last one showing its back."""
    sheet.floor(400, 512, 240, 18)
    pips = {
        "heart": (
            "M0 34C-60 -6 -40 -44 -16 -40Q-4 -38 0 -24Q4 -38 16 -40C40 -44 60 -6 0 34Z",
            "#c93a3a",
        ),
        "spade": ("M0 -42C60 4 36 34 8 18L14 42H-14L-8 18C-36 34 -60 4 0 -42Z", "#23272e"),
        "diamond": ("M0 -44L32 0L0 44L-32 0Z", "#c93a3a"),
    }
    for turn, (shape, tint) in zip((-30, -10, 10), pips.values(), strict=True):
        card = (
            rect(300, 116, 200, 300, "#c8ccd3", 18),
            rect(300, 113, 200, 300, "#fdfcf8", 18),
            path(shape, tint, transform="translate(400 262) scale(1.3)"),
            path(shape, tint, transform="translate(330 152) scale(.42)"),
        )
        sheet.add(group(*card, transform=f"rotate({turn} 400 560)"))
    lattice = (
        "M330 150L470 290M330 200L470 340M330 250L460 380M400 140L470 210M470 150L330 290"
        "M470 200L330 340M470 250L340 380M400 140L330 210"
    )
    last = (
        rect(300, 116, 200, 300, "#c8ccd3", 18),
        rect(300, 113, 200, 300, "#fdfcf8", 18),
        rect(314, 127, 172, 272, sheet.body(colour), 10),
        stroke(lattice, "#ffffff", 3, opacity="0.4"),
        circle(400, 263, 30, "#ffe3a3"),
    )
    sheet.add(group(*last, transform="rotate(30 400 560)"))

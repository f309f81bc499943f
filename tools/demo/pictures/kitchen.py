"""Vessels, food and things of the living room."""

from __future__ import annotations

from tools.demo.pictures.svg import Sheet, circle, dark, group, light, oval, path, rect, stroke

WOOD = "#b98b5a"


def mug(sheet: Sheet, colour: str) -> None:
    """A stoneware mug with a bare foot and steam."""
    sheet.floor(390, 508, 210, 20)
    sheet.add(
        stroke("M356 110c-22-28 22-38 0-66M420 110c-22-28 22-38 0-66", "#ffffff", 10, opacity="0.9")
    )
    sheet.add(
        stroke("M540 236C650 210 660 400 532 408", dark(colour, 0.3), 42),
        stroke("M540 232C642 208 650 394 532 402", colour, 32),
    )
    sheet.add(path("M226 160H554V430Q554 506 470 506H310Q226 506 226 430Z", sheet.tube(colour)))
    sheet.add(
        path(
            "M228 452Q300 474 390 472T552 452Q546 506 470 506H310Q234 506 228 452Z",
            sheet.tube("#c9ae8c"),
        )
    )
    sheet.add(
        oval(390, 160, 164, 30, light(colour, 0.35)),
        oval(390, 164, 146, 23, "#3b2417"),
        oval(372, 168, 110, 14, "#5a3822"),
    )
    # Iron specks in the glaze: scattered by remainders so that they always fall alike.
    speckle = "".join(f"M{256 + k * 97 % 270} {214 + k * 61 % 220}h.1" for k in range(14))
    sheet.add(stroke(speckle, dark(colour, 0.45), 6, opacity="0.5"))


def kettle(sheet: Sheet, colour: str) -> None:
    """A gooseneck kettle on its plate."""
    sheet.floor(410, 514, 250, 20)
    sheet.add(rect(256, 476, 330, 36, "#2b2f36", 16), rect(396, 486, 60, 12, "#63d6a4", 6))
    sheet.add(
        stroke("M300 420C190 420 250 220 150 190", dark(colour, 0.35), 30),
        stroke("M300 414C190 414 248 216 150 186", light(colour, 0.12), 20),
    )
    sheet.add(stroke("M524 236C670 214 680 430 574 442", WOOD, 26))
    sheet.add(path("M318 210H526L578 476H266Z", sheet.tube(colour)))
    sheet.add(path("M314 206Q330 168 422 168T530 206V216H314Z", sheet.tube(dark(colour, 0.12))))
    sheet.add(
        rect(400, 144, 44, 14, WOOD, 7),
        rect(412, 154, 20, 18, "#8a6239", 4),
        rect(306, 206, 232, 12, dark(colour, 0.5), 6),
    )
    sheet.add(path("M350 232H380L352 460H312Z", "#ffffff", opacity="0.16"))


def press(sheet: Sheet, colour: str) -> None:
    """A French press with a metal frame."""
    sheet.floor(390, 528, 190, 18)
    sheet.add(rect(384, 44, 12, 120, "#c9ced5", 4), circle(390, 44, 21, "#23272e"))
    sheet.add(stroke("M516 210C630 200 630 430 516 424", "#23272e", 26))
    glass = sheet.shade(
        ("#dfe9ef", 0, 0.9), ("#f8fbfc", 0.35, 0.75), ("#b7c6cf", 1, 0.95), across=True
    )
    sheet.add(path("M264 164H516V500Q516 520 496 520H284Q264 520 264 500Z", glass))
    sheet.add(
        path("M270 262H510V496Q510 514 492 514H288Q270 514 270 496Z", sheet.tube("#4a2c1a")),
        rect(270, 252, 240, 18, "#c9a57b", 6),
    )
    metal = sheet.tube(colour)
    sheet.add(rect(256, 190, 268, 14, metal, 5), rect(256, 420, 268, 14, metal, 5))
    sheet.add(
        *(rect(x, 190, 12, 336, metal, 5) for x in (262.0, 506.0)),
        rect(252, 506, 276, 22, metal, 8),
    )
    sheet.add(
        path("M270 150Q290 118 390 118T510 150L528 164H252L232 160Z", metal),
        path("M292 210H318V490H292Z", "#ffffff", opacity="0.3"),
    )


def board(sheet: Sheet, colour: str) -> None:
    """An end-grain board with a loaf and a knife."""
    sheet.floor(400, 492, 320, 24)
    sheet.add(
        path("M170 220H630L706 450H94Z", dark(colour, 0.2)),
        path("M94 450H706V466Q706 484 688 484H112Q94 484 94 466Z", dark(colour, 0.45)),
    )
    tiles = ""
    for row in range(4):
        for place in range(10):
            if (row * 3 + place * 7) % 4 < 2:
                top, foot = 220 + row * 57.5, 220 + (row + 1) * 57.5
                a, b = 170 - row * 19, 170 - (row + 1) * 19
                u, v = (800 - 2 * a) / 10, (800 - 2 * b) / 10
                tiles += f"M{a + place * u:.0f} {top:.0f}h{u:.0f}"
                tiles += f"L{b + (place + 1) * v:.0f} {foot:.0f}h-{v:.0f}Z"
    sheet.add(path(tiles, light(colour, 0.2), opacity="0.75"))
    sheet.add(
        path("M186 238H614L676 432H124Z", stroke=dark(colour, 0.55), stroke_width=5, opacity="0.6")
    )
    sheet.add(
        path(
            "M196 330C186 240 260 196 350 200S478 252 462 334C440 366 220 366 196 330Z",
            sheet.body("#c98a4b"),
        )
    )
    sheet.add(stroke("M262 236L296 288M322 222L352 280M384 226L408 280", "#f1d3a1", 9))
    sheet.add(
        path(
            "M500 268L524 262L590 404L566 418Q548 372 500 268Z",
            sheet.shade(("#f5f7f9", 0), ("#a6adb6", 1), across=True),
        ),
        stroke("M584 420L610 474", "#2b2f36", 20),
    )


def candle(sheet: Sheet, colour: str) -> None:
    """A burning candle in a glass."""
    sheet.add(
        circle(
            400,
            200,
            230,
            sheet.glow(("#ffd98a", 0, 0.8), ("#ffd98a", 0.45, 0.25), ("#ffd98a", 1, 0)),
        )
    )
    sheet.floor(400, 530, 170, 18)
    wax = sheet.shade((light(colour, 0.6), 0), (light(colour, 0.1), 0.5), (dark(colour, 0.25), 1))
    sheet.add(
        path("M268 270H532L520 500Q518 528 490 528H310Q282 528 280 500Z", wax),
        oval(400, 272, 131, 22, light(colour, 0.72)),
    )
    sheet.add(
        stroke("M400 268V226", "#3a2a1c", 6),
        path(
            "M400 124C440 176 434 236 400 238S360 176 400 124Z",
            sheet.shade(("#fff3c4", 0), ("#f59a2f", 1)),
        ),
        path("M400 180C416 204 414 232 400 234S384 204 400 180Z", "#fffbe8"),
    )
    glass = sheet.shade(
        ("#ffffff", 0, 0.45), ("#ffffff", 0.3, 0.08), ("#ffffff", 1, 0.3), across=True
    )
    sheet.add(
        path(
            "M256 200H544L528 510Q526 536 496 536H304Q274 536 272 510Z",
            glass,
            stroke="#ffffff",
            stroke_width=3,
        ),
        rect(330, 350, 140, 100, "#fbf6ea", 6),
    )
    sheet.add(
        rect(356, 378, 88, 9, dark(colour, 0.3), 4),
        rect(370, 402, 60, 6, dark(colour, 0.1), 3),
        rect(378, 418, 44, 6, dark(colour, 0.1), 3),
    )


def plant(sheet: Sheet, colour: str) -> None:
    """A rubber plant in a pot of the colour."""
    sheet.floor(400, 544, 170, 16)
    leaf = sheet.shade(("#5f9a6d", 0), ("#2f6b4a", 0.5), ("#1f4a35", 1), slant=True)
    sheet.add(stroke("M400 410C396 300 404 200 398 70", "#6d5339", 9))
    blade = "M0 0C-50 -30 -62 -110 -4 -168C56 -116 50 -34 0 0Z"
    for x, y, turn, size in (
        (398, 380, -78, 0.95),
        (402, 360, 74, 1.0),
        (398, 300, -56, 1.05),
        (402, 280, 54, 1.0),
        (400, 210, -36, 0.95),
        (400, 200, 38, 0.85),
        (399, 150, 2, 0.75),
    ):
        parts = (
            path(blade, leaf),
            stroke("M0 -4C-6 -60 -4 -110 -4 -150", "#a9cf9f", 3, opacity="0.8"),
        )
        sheet.add(group(*parts, transform=f"translate({x} {y}) rotate({turn}) scale({size})"))
    sheet.add(
        path("M292 400H508L484 522H316Z", sheet.tube(colour)),
        rect(280, 384, 240, 40, sheet.tube(light(colour, 0.08)), 8),
        rect(290, 520, 220, 22, sheet.tube(dark(colour, 0.1)), 10),
    )

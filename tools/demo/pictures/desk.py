"""Sound, typing and light: headphones, keyboard, lamp and their neighbours."""

from __future__ import annotations

from tools.demo.pictures.svg import (
    Sheet,
    circle,
    dark,
    group,
    is_pale,
    light,
    oval,
    path,
    rect,
    stroke,
)


def earphones(sheet: Sheet, colour: str) -> None:
    """An open charging case with one bud in it and one beside it."""
    sheet.floor(390, 500, 260, 22)
    shell = sheet.body(colour)
    sheet.add(path("M214 300C214 190 270 130 380 130S546 190 546 300Z", dark(colour, 0.12)))
    sheet.add(path("M238 300C240 210 290 156 380 156S520 210 522 300Z", dark(colour, 0.42)))
    sheet.add(
        _bud(300, 262, colour, sheet.tube(colour)), _bud(420, 262, colour, sheet.tube(colour))
    )
    sheet.add(
        path(
            (
                "M204 292H556Q572 292 572 308V392Q572 496 470 496H290Q188 496 188 392V308"
                "Q188 292 204 292Z"
            ),
            shell,
        )
    )
    sheet.add(rect(188, 292, 384, 14, dark(colour, 0.28), 7), circle(380, 376, 7, "#63d6a4"))
    sheet.add(
        path(
            "M212 330Q212 318 224 318H262Q232 380 250 470Q212 450 212 392Z",
            "#ffffff",
            opacity="0.22",
        )
    )
    sheet.add(group(_bud(640, 440, colour, sheet.tube(colour)), transform="rotate(24 640 440)"))


def _bud(x: float, y: float, colour: str, fill: str) -> str:
    return group(
        rect(x - 13, y - 20, 30, 92, fill, 15),
        circle(x, y - 24, 42, fill),
        oval(x - 30, y - 16, 15, 22, dark(colour, 0.6), transform=f"rotate(-18 {x - 30} {y - 16})"),
        rect(
            x + 12, y - 54, 10, 26, dark(colour, 0.5), 5, transform=f"rotate(24 {x + 16} {y - 41})"
        ),
    )


def headphones(sheet: Sheet, colour: str) -> None:
    """Over-ear headphones from the front."""
    sheet.floor(400, 520, 230, 20)
    band = sheet.shade((light(colour, 0.25), 0), (dark(colour, 0.2), 1))
    sheet.add(stroke("M228 350C210 60 590 60 572 350", "#4a5058", 16))
    sheet.add(stroke("M242 262C262 84 538 84 558 262", band, 36))
    sheet.add(stroke("M268 236C300 116 500 116 532 236", dark(colour, 0.45), 10))
    cup = sheet.body(colour, across=True)
    for side in (-1, 1):
        x = 400 + side * 170
        sheet.add(rect(x - 30 - side * 34, 296, 60, 196, dark(colour, 0.62), 30))
        sheet.add(rect(x - 48 + side * 6, 282, 96, 224, cup, 46))
        sheet.add(rect(x - 26 + side * 14, 322, 52, 144, light(colour, 0.12), 26, opacity="0.55"))
    sheet.add(circle(604, 478, 5, "#63d6a4"))


def speaker(sheet: Sheet, colour: str) -> None:
    """A cloth-covered speaker with one knob."""
    sheet.floor(400, 522, 210, 20)
    sheet.add(rect(232, 504, 48, 18, "#2b2f36", 5), rect(520, 504, 48, 18, "#2b2f36", 5))
    sheet.add(rect(206, 84, 388, 428, sheet.body("#a9794f"), 44))
    sheet.add(rect(226, 104, 348, 388, sheet.body(colour), 30))
    weave = "".join(f"M226 {y}H574" for y in range(114, 400, 12))
    sheet.add(path(weave, stroke=dark(colour, 0.3), stroke_width=2, opacity="0.35"))
    sheet.add(
        circle(400, 262, 112, dark(colour, 0.4), opacity="0.22"),
        circle(400, 262, 70, dark(colour, 0.5), opacity="0.22"),
    )
    sheet.add(rect(226, 404, 348, 88, sheet.body("#b98b5a"), 0))
    sheet.add(
        circle(400, 448, 34, "#3a2a1c", opacity="0.4"),
        circle(400, 445, 31, sheet.shade(("#fbf6ea", 0), ("#c9c0ab", 1))),
    )
    sheet.add(rect(398, 418, 4, 14, "#4a4138", 2), circle(536, 448, 5, "#ffd479"))


def keyboard(sheet: Sheet, colour: str) -> None:
    """A compact mechanical keyboard, seen from a little above."""
    sheet.floor(400, 456, 350, 24)
    sheet.add(
        rect(64, 176, 672, 274, dark(colour, 0.5), 26),
        rect(64, 170, 672, 268, sheet.body(colour), 26),
    )
    sheet.add(rect(82, 188, 636, 232, dark(colour, 0.62), 12))
    cap = light(colour, 0.82) if not is_pale(colour) else "#fbfaf7"
    accent = "#ee7a5c" if not is_pale(colour) else "#3b5573"
    rows = (
        (1,) * 15,
        (1,) * 13 + (2,),
        (1.5,) + (1,) * 12 + (1.5,),
        (1.8,) + (1,) * 11 + (2.2,),
        (1.3, 1.3, 1.3, 6.2, 1.2, 1.2, 1.2, 1.3),
    )
    tops = {cap: "", accent: "", dark(cap, 0.14): ""}
    foot = ""
    for row, keys in enumerate(rows):
        x, y = 90.0, 194 + row * 44.5
        unit = 620 / sum(keys)
        for place, key in enumerate(keys):
            wide = key * unit - 5
            special = row > 0 and (place == 0 or place == len(keys) - 1) and key > 1
            tint = (
                accent
                if (row, place) == (0, 0) or (row == 2 and key == 1.5 and place)
                else dark(cap, 0.14)
                if special
                else cap
            )
            foot += f"M{x:.0f} {y:.0f}h{wide:.0f}v39h-{wide:.0f}z"
            tops[tint] += f"M{x + 4:.0f} {y + 1:.0f}h{wide - 8:.0f}v31h-{wide - 8:.0f}z"
            x += key * unit
    join = {"stroke_width": 4, "stroke_linejoin": "round"}
    sheet.add(path(foot, dark(cap, 0.4)))
    sheet.add(*(path(d, tint, stroke=tint, **join) for tint, d in tops.items()))


def mouse(sheet: Sheet, colour: str) -> None:
    """A symmetrical mouse from above."""
    sheet.floor(400, 500, 170, 34)
    sheet.add(
        path(
            "M400 84C500 84 534 170 534 300S500 516 400 516S266 430 266 300S300 84 400 84Z",
            dark(colour, 0.35),
        )
    )
    sheet.add(
        path(
            "M400 80C496 80 528 168 528 296S496 506 400 506S272 424 272 296S304 80 400 80Z",
            sheet.tube(colour),
        )
    )
    sheet.add(
        stroke("M274 270C330 286 470 286 526 270M400 82V160M400 236V280", dark(colour, 0.45), 3)
    )
    sheet.add(rect(382, 152, 36, 92, dark(colour, 0.6), 18), rect(388, 160, 24, 76, "#59616c", 12))
    sheet.add(*(rect(388, y, 24, 4, "#2b3037") for y in (172.0, 186.0, 200.0, 214.0)))
    sheet.add(
        path(
            "M310 200C318 130 350 108 372 104C340 150 326 220 330 290C310 270 306 240 310 200Z",
            "#ffffff",
            opacity="0.25",
        )
    )


def lamp(sheet: Sheet, colour: str) -> None:
    """A desk lamp with a long arm and a pool of light."""
    beam = sheet.shade(("#ffe9b0", 0, 0.75), ("#ffe9b0", 1, 0))
    sheet.floor(300, 524, 150, 16)
    sheet.add(path("M500 214L640 252L700 524H400Z", beam))
    sheet.add(oval(552, 522, 150, 15, "#fff3cf", opacity="0.8"))
    sheet.add(
        stroke("M300 500L246 300L470 134", dark(colour, 0.25), 15),
        stroke("M298 498L244 300L468 132", light(colour, 0.15), 7),
    )
    for x, y in ((300, 498), (246, 300), (470, 134)):
        sheet.add(circle(x, y, 17, dark(colour, 0.45)), circle(x, y, 8, "#c9ced5"))
    sheet.add(path("M206 500H394Q410 500 410 516V524H190V516Q190 500 206 500Z", sheet.body(colour)))
    shade = sheet.body(colour)
    sheet.add(oval(572, 236, 84, 22, "#fff6d8", transform="rotate(16 572 236)"))
    sheet.add(
        path(
            (
                "M470 108C510 84 560 96 596 130C632 164 656 216 652 260"
                "C620 232 540 208 492 214C478 180 464 140 470 108Z"
            ),
            shade,
        )
    )
    sheet.add(
        path("M490 122C520 104 556 114 584 140C552 132 520 140 500 170Z", "#ffffff", opacity="0.3")
    )


def moon_lamp(sheet: Sheet, colour: str) -> None:
    """A half disc of glowing glass on an oak foot."""
    halo = sheet.glow(
        (light(colour, 0.4), 0, 0.75), (light(colour, 0.5), 0.6, 0.25), (colour, 1, 0)
    )
    sheet.add(circle(400, 320, 280, halo))
    sheet.floor(400, 520, 220, 20)
    glass = sheet.shade(("#fffaf0", 0), (light(colour, 0.55), 0.55), (colour, 1))
    sheet.add(path("M206 440A194 194 0 0 1 594 440Z", glass))
    sheet.add(
        path("M240 420A160 160 0 0 1 360 286A210 210 0 0 0 268 420Z", "#ffffff", opacity="0.6")
    )
    sheet.add(
        rect(180, 436, 440, 30, sheet.body("#b98b5a"), 12),
        rect(250, 462, 300, 54, sheet.body("#a3754a"), 14),
    )
    sheet.add(
        stroke("M206 450C300 444 380 456 470 449S580 452 600 450", "#8d6539", 2.5, opacity="0.6"),
        circle(400, 490, 6, "#ffe3a3"),
    )


def clock(sheet: Sheet, colour: str) -> None:
    """A wall clock at ten past ten."""
    sheet.add(
        circle(412, 318, 214, "#1b2233", opacity="0.1"),
        circle(406, 309, 212, "#1b2233", opacity="0.12"),
    )
    face = light(colour, 0.88)
    sheet.add(
        circle(400, 300, 210, sheet.body(colour)),
        circle(400, 300, 182, dark(colour, 0.3)),
        circle(400, 300, 178, face),
    )
    ink = "#2b2f36"
    for hour in range(12):
        tall, wide = (30, 9) if hour % 3 == 0 else (16, 6)
        sheet.add(
            rect(400 - wide / 2, 138, wide, tall, ink, 2, transform=f"rotate({hour * 30} 400 300)")
        )
    sheet.add(
        rect(393, 204, 14, 112, ink, 7, transform="rotate(-56 400 300)"),
        rect(395, 158, 10, 158, ink, 5, transform="rotate(60 400 300)"),
    )
    sheet.add(
        stroke("M400 340L400 150", "#e5533d", 3, transform="rotate(152 400 300)"),
        circle(400, 300, 11, "#e5533d"),
    )
    sheet.add(
        path(
            "M252 210A172 172 0 0 1 460 138C380 150 300 210 268 320A172 172 0 0 1 252 210Z",
            "#ffffff",
            opacity="0.35",
        )
    )

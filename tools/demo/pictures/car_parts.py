"""What is bolted to, laid into or carried in a car."""

from __future__ import annotations

from tools.demo.pictures.svg import Sheet, circle, dark, group, light, mix, oval, path, rect, stroke

BLACK = "#23272e"


def wall_box(sheet: Sheet, colour: str) -> None:
    """A charger on a wall with its cable hung around it."""
    sheet.add(rect(312, 92, 196, 300, "#1b2233", 44, opacity="0.14", transform="translate(8 12)"))
    sheet.add(
        stroke(
            "M400 380C400 560 250 560 250 430S330 250 330 420S560 560 560 410V330", "#14171c", 18
        )
    )
    sheet.add(stroke("M398 380C398 556 252 556 252 430S328 252 328 420", "#3a404a", 5))
    sheet.add(
        rect(300, 84, 200, 304, dark(colour, 0.25), 44),
        rect(300, 80, 200, 300, sheet.body(colour, 0.7), 42),
    )
    sheet.add(circle(400, 186, 60, BLACK), circle(400, 186, 60, stroke="#63d6a4", stroke_width=7.0))
    sheet.add(path("M408 146L374 196H396L388 228L428 174H404Z", "#63d6a4"))
    sheet.add(
        rect(360, 300, 80, 8, dark(colour, 0.25), 4), rect(374, 320, 52, 8, dark(colour, 0.15), 4)
    )
    sheet.add(
        path(
            (
                "M538 262H586Q598 262 598 274V318Q598 344 574 352H550Q526 344 526 318V274"
                "Q526 262 538 262Z"
            ),
            BLACK,
        )
    )
    sheet.add(
        rect(544, 232, 36, 34, "#3a404a", 8),
        rect(538, 286, 48, 8, "#59616c", 4),
        rect(538, 302, 48, 8, "#59616c", 4),
    )


def cable(sheet: Sheet, colour: str) -> None:
    """A coiled cable with a plug at each end."""
    sheet.floor(400, 480, 280, 30)
    for ring in range(4):
        size = 178 - ring * 5
        drop = 330 - ring * 22
        sheet.add(oval(400, drop, size, size * 0.52, stroke=dark(colour, 0.5), stroke_width=26.0))
        sheet.add(oval(400, drop - 2, size, size * 0.52, stroke=colour, stroke_width=20.0))
        sheet.add(
            oval(
                400,
                drop - 7,
                size,
                size * 0.52,
                stroke=light(colour, 0.3),
                stroke_width=3.0,
                opacity="0.6",
            )
        )
    sheet.add(
        stroke("M230 300C150 330 120 400 168 446", dark(colour, 0.3), 20),
        stroke("M570 300C650 330 690 380 640 436", dark(colour, 0.3), 20),
    )
    plug = (
        rect(-34, -44, 68, 84, BLACK, 18),
        rect(-26, 36, 52, 34, "#3a404a", 10),
        rect(-20, -30, 40, 7, "#59616c", 3),
        rect(-20, -16, 40, 7, "#59616c", 3),
        *(circle(x, 56, 4, "#c9ced5") for x in (-12.0, 0.0, 12.0)),
    )
    sheet.add(
        group(*plug, transform="translate(200 470) rotate(-38)"),
        group(*plug, transform="translate(606 462) rotate(42)"),
    )


def inflator(sheet: Sheet, colour: str) -> None:
    """A pocket pump with a display and a hose."""
    sheet.floor(400, 524, 190, 20)
    sheet.add(
        stroke("M400 92C400 30 600 30 600 170V330", "#14171c", 16),
        rect(582, 320, 36, 66, "#c9ced5", 10),
        rect(588, 380, 24, 26, "#8c949e", 6),
    )
    sheet.add(
        rect(302, 84, 196, 436, dark(colour, 0.4), 56),
        rect(302, 80, 196, 432, sheet.tube(colour), 54),
    )
    sheet.add(
        rect(322, 130, 156, 190, "#14171c", 26),
        rect(334, 142, 132, 166, sheet.shade(("#22303f", 0), ("#101720", 1)), 18),
    )
    sheet.add(
        stroke("M358 250A46 46 0 1 1 442 250", "#3d4a5a", 10),
        stroke("M358 250A46 46 0 0 1 424 190", "#63d6a4", 10),
    )
    sheet.add(
        rect(370, 270, 60, 12, "#dfe6ee", 6),
        circle(400, 376, 34, "#14171c"),
        stroke("M400 360V392M384 376H416", "#ffffff", 6),
    )
    sheet.add(stroke("M340 446H460M340 466H460M340 486H460", dark(colour, 0.4), 5))


def mats(sheet: Sheet, colour: str) -> None:
    """Two moulded floor mats with ribs and a raised rim."""
    sheet.floor(400, 506, 300, 20)
    shape = "M0 40Q0 0 40 0H190Q224 0 230 34L252 330Q254 376 210 376H60Q12 376 10 330Z"
    ribs = "".join(f"M34 {y}H{216 + y / 14:.0f}" for y in range(92, 340, 24))
    for x, flip in ((140, ""), (660, " scale(-1 1)")):
        mat = (
            path(shape, dark(colour, 0.5), transform="translate(0 8)"),
            path(shape, sheet.body(colour)),
            path(
                shape,
                "none",
                stroke=light(colour, 0.2),
                stroke_width=7,
                transform="translate(13 14) scale(.9 .925)",
            ),
            stroke(ribs, dark(colour, 0.4), 6, opacity="0.7"),
            circle(70, 56, 11, dark(colour, 0.55)),
            circle(168, 56, 11, dark(colour, 0.55)),
        )
        sheet.add(group(*mat, transform=f"translate({x} 112){flip}"))


def dash_cam(sheet: Sheet, colour: str) -> None:
    """A wedge-shaped camera on a bracket under a strip of windscreen."""
    glass = sheet.shade(("#c5d7e6", 0, 0.9), ("#e6eef4", 1, 0.2))
    sheet.add(
        path("M60 60H740L700 230H100Z", glass),
        path("M180 60H300L240 230H130Z", "#ffffff", opacity="0.35"),
    )
    sheet.add(rect(340, 150, 120, 40, "#3a404a", 10), rect(376, 180, 48, 60, "#2b3037", 8))
    sheet.floor(400, 490, 200, 14)
    sheet.add(
        rect(206, 232, 388, 190, dark(colour, 0.5), 46),
        rect(206, 226, 388, 186, sheet.body(colour), 44),
    )
    for radius, fill in (
        (84, light(colour, 0.3)),
        (74, "#0d1015"),
        (54, "#1d2b40"),
        (30, "#0a0e14"),
    ):
        sheet.add(circle(400, 320, radius, fill))
    sheet.add(oval(382, 298, 15, 10, "#a8c2e6", opacity="0.85", transform="rotate(-35 382 298)"))
    sheet.add(
        circle(262, 286, 7, "#e5533d"),
        stroke("M520 290H562M520 310H562M520 330H562M520 350H562", light(colour, 0.25), 5),
    )


def roof_box(sheet: Sheet, colour: str) -> None:
    """A long box on two bars over the roof of a car."""
    sheet.add(path("M60 600C90 470 220 440 400 438S710 470 740 600Z", sheet.body("#7f95a6")))
    sheet.add(path("M150 600C180 516 270 496 400 494S620 516 650 600Z", "#252c36"))
    sheet.add(
        stroke("M230 452V398M570 452V398", "#3a404a", 20), stroke("M196 396H604", "#59616c", 14)
    )
    sheet.add(
        path(
            (
                "M96 330C90 240 160 168 330 160C520 152 690 196 706 318Q710 384 660 388H150"
                "Q100 388 96 330Z"
            ),
            sheet.body(colour),
        )
    )
    sheet.add(
        stroke("M98 316C250 300 540 296 705 310", dark(colour, 0.5), 4),
        path(
            "M97 326C250 310 540 306 706 318Q710 384 660 388H150Q100 388 96 330Z",
            dark(colour, 0.5),
            opacity="0.35",
        ),
    )
    sheet.add(
        path("M150 262C180 206 260 184 400 182C300 200 220 226 186 270Z", "#ffffff", opacity="0.3")
    )
    sheet.add(rect(386, 340, 44, 16, light(colour, 0.5), 8), circle(408, 348, 4, "#2b2f36"))


def sunshade(sheet: Sheet, colour: str) -> None:
    """A reflecting shade opened like an umbrella."""
    sheet.floor(400, 500, 300, 18)
    foil = sheet.shade((light(colour, 0.7), 0), (colour, 0.5), (dark(colour, 0.15), 1), slant=True)
    shape = (
        "M90 420C100 280 170 150 250 122C350 100 450 100 550 122C630 150 700 280 710 420"
        "C600 452 200 452 90 420Z"
    )
    sheet.add(path(shape, dark(colour, 0.4), transform="translate(0 7)"), path(shape, foil))
    fans = (
        "M400 108L400 440L250 122Z",
        "M400 440L90 420L150 232Z",
        "M400 440L710 420L650 232Z",
        "M400 440L550 122L480 112Z",
    )
    sheet.add(*(path(d, "#ffffff", opacity="0.35") for d in fans))
    spokes = (
        "M400 440V106M400 440L250 122M400 440L550 122M400 440L150 232M400 440L650 232"
        "M400 440L92 400M400 440L708 400"
    )
    sheet.add(
        stroke(spokes, mix(colour, "#3a404a", 0.5), 3, opacity="0.6"), stroke(shape, "#3a404a", 6)
    )
    sheet.add(rect(386, 426, 28, 78, BLACK, 14), path("M340 108H460L440 164H360Z", "#2d323b"))

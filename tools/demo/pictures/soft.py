"""Soft and folded things, and what one takes on a journey."""

from __future__ import annotations

from tools.demo.pictures.svg import Sheet, circle, dark, light, path, rect, stroke

WOOD = "#a3754a"


def umbrella(sheet: Sheet, colour: str) -> None:
    """An open umbrella with a wooden crook."""
    sheet.add(
        rect(395, 60, 10, 400, "#59616c"), stroke("M400 450V500C400 560 320 560 320 504", WOOD, 18)
    )
    sheet.add(
        path(
            (
                "M100 318C110 160 240 84 400 84S690 160 700 318Q650 280 600 318"
                "Q550 280 500 318Q450 280 400 318Q350 280 300 318Q250 280 200 318"
                "Q150 280 100 318Z"
            ),
            sheet.body(colour),
        )
    )
    sheet.add(
        path(
            (
                "M300 318C304 200 340 120 400 84C460 120 496 200 500 318Q450 280 400 318"
                "Q350 280 300 318Z"
            ),
            "#ffffff",
            opacity="0.16",
        )
    )
    sheet.add(
        path(
            (
                "M100 318C110 160 240 84 400 84C280 120 206 220 200 318Q150 280 100 318Z"
                "M600 318C594 220 520 120 400 84C560 84 690 160 700 318Q650 280 600 318Z"
            ),
            dark(colour, 0.5),
            opacity="0.22",
        )
    )
    sheet.add(
        rect(394, 54, 12, 36, "#3a404a", 6),
        stroke("M140 250C160 180 230 124 310 106", "#ffffff", 6, opacity="0.3"),
    )
    sheet.add(
        *(
            stroke(f"M{x} {y}l-8 26", "#8fb3d1", 5)
            for x, y in ((120, 400), (190, 470), (250, 390), (520, 420), (590, 500), (660, 400))
        )
    )


def towels(sheet: Sheet, colour: str) -> None:
    """Two large and two small towels in a stack."""
    sheet.floor(400, 512, 270, 20)
    for x, y, wide, high, tint in (
        (150, 420, 500, 90, colour),
        (162, 330, 476, 90, light(colour, 0.35)),
        (220, 258, 360, 70, dark(colour, 0.12)),
        (230, 188, 340, 70, light(colour, 0.55)),
    ):
        sheet.add(rect(x, y, wide, high, sheet.body(tint), high / 2.4))
        waffle = "".join(
            f"M{x + 40 + k * 20} {y + 12}v{high - 24}" for k in range((wide - 70) // 20)
        )
        sheet.add(
            path(waffle, stroke=dark(tint, 0.25), stroke_width=2, opacity="0.35"),
            stroke(
                f"M{x + 34} {y + high / 2:.0f}H{x + wide - 8}", dark(tint, 0.4), 3, opacity="0.5"
            ),
        )
    sheet.add(
        stroke("M372 188V510M372 330C330 300 330 270 372 290C414 270 414 300 372 330", WOOD, 7)
    )


def blanket(sheet: Sheet, colour: str) -> None:
    """A folded blanket with a knotted fringe."""
    sheet.floor(400, 506, 290, 22)
    fringe = "".join(f"M{150 + k * 20} 440v{50 + (k * 37) % 13}" for k in range(26))
    for y, tint in (
        (330, dark(colour, 0.16)),
        (250, light(colour, 0.06)),
        (170, light(colour, 0.16)),
    ):
        sheet.add(
            rect(128, y, 544, 112, sheet.body(tint), 40),
            stroke(f"M170 {y + 56}H664", dark(tint, 0.35), 3, opacity="0.45"),
        )
    sheet.add(
        stroke(fringe, light(colour, 0.2), 6),
        stroke(fringe.replace("440", "446"), dark(colour, 0.3), 2, opacity="0.5"),
    )
    sheet.add(
        path(
            "M190 170H330V404Q330 450 306 450H190Q140 450 128 400V214Q136 176 190 170Z",
            sheet.body(light(colour, 0.1)),
        )
    )
    stripes = "M128 220H330M128 238H330M128 380H330M128 398H330"
    sheet.add(
        stroke(stripes, dark(colour, 0.45), 6, opacity="0.6"), rect(250, 284, 60, 34, "#f8f4ea", 4)
    )


def pillow(sheet: Sheet, colour: str) -> None:
    """A neck pillow, open towards the viewer."""
    sheet.floor(400, 508, 240, 22)
    d = (
        "M292 480C180 460 140 350 176 240S320 96 400 96S588 130 624 240S620 460 508 480"
        "C452 488 436 430 470 396C510 352 500 262 400 262S290 352 330 396"
        "C364 430 348 488 292 480Z"
    )
    sheet.add(path(d, dark(colour, 0.4), transform="translate(0 9)"), path(d, sheet.body(colour)))
    sheet.add(
        stroke(
            "M288 446C204 424 176 340 204 256S330 128 400 128S568 168 596 256S596 424 512 446",
            light(colour, 0.35),
            5,
            opacity="0.6",
            stroke_dasharray="12 9",
        )
    )
    sheet.add(
        rect(330, 452, 140, 18, "#23272e", 8),
        rect(376, 444, 48, 34, "#59616c", 8),
        path(
            "M230 210C270 150 350 130 400 130C340 150 280 190 250 260C232 250 226 230 230 210Z",
            "#ffffff",
            opacity="0.22",
        ),
    )


def suitcase(sheet: Sheet, colour: str) -> None:
    """A ribbed cabin case with its handle up."""
    sheet.floor(400, 548, 180, 16)
    sheet.add(stroke("M340 120V40H460V120", "#8c949e", 10), rect(330, 28, 140, 22, "#23272e", 11))
    for x in (284, 482):
        sheet.add(
            rect(x, 508, 34, 20, "#3a404a", 6),
            circle(x + 17, 532, 17, "#1a1d22"),
            circle(x + 17, 532, 6, "#8c949e"),
        )
    sheet.add(
        rect(254, 104, 292, 412, dark(colour, 0.35), 40),
        rect(254, 100, 292, 408, sheet.tube(colour), 38),
    )
    ribs = "".join(f"M{290 + k * 31.4:.0f} 132V478" for k in range(8))
    sheet.add(
        stroke(ribs, dark(colour, 0.4), 5, opacity="0.6"),
        stroke(ribs, light(colour, 0.4), 2, opacity="0.5", transform="translate(5 0)"),
    )
    sheet.add(
        rect(356, 94, 88, 20, "#23272e", 10),
        rect(516, 280, 26, 56, "#23272e", 8),
        circle(529, 296, 4, "#d8b365"),
    )
    sheet.add(
        path("M560 210l34 14-20 62-34-12z", "#f0b429"),
        circle(570, 226, 4, "#8a5a34"),
        stroke("M546 200L568 224", "#8a5a34", 4),
    )


def yoga_mat(sheet: Sheet, colour: str) -> None:
    """A half-unrolled cork mat with a strap."""
    sheet.floor(400, 490, 330, 26)
    sheet.add(
        path("M270 330H650L740 476H232Z", sheet.body(light(colour, 0.12))),
        path("M232 476H740V486H236Z", "#2b2f36"),
    )
    specks = "".join(f"M{290 + (k * 83) % 380} {346 + (k * 47) % 120}h7" for k in range(30))
    sheet.add(stroke(specks, dark(colour, 0.4), 4, opacity="0.45"))
    roll = sheet.shade((light(colour, 0.35), 0), (colour, 0.45), (dark(colour, 0.4), 1), slant=True)
    sheet.add(rect(96, 286, 420, 196, roll, 98))
    for radius in (96, 78, 60, 42, 24):
        sheet.add(
            circle(
                192,
                384,
                radius,
                light(colour, 0.1) if radius % 12 else dark(colour, 0.2),
                stroke="#2b2f36",
                stroke_width=4.0,
            )
        )
    sheet.add(rect(352, 286, 30, 196, "#2a3e63"), rect(346, 372, 42, 30, "#c9ced5", 6))

"""Worn and carried things."""

from __future__ import annotations

from tools.demo.pictures.svg import Sheet, circle, dark, group, light, path, rect, stroke


def backpack(sheet: Sheet, colour: str) -> None:
    """A backpack with a flap, a front pocket and leather straps."""
    sheet.floor(400, 540, 210, 20)
    sheet.add(stroke("M352 92C352 36 448 36 448 92", dark(colour, 0.5), 16))
    sheet.add(
        stroke(
            "M250 220C190 280 190 420 236 500M550 220C610 280 610 420 564 500",
            dark(colour, 0.45),
            26,
        )
    )
    sheet.add(
        path(
            (
                "M246 230C246 120 300 78 400 78S554 120 554 230V490Q554 538 506 538H294"
                "Q246 538 246 490Z"
            ),
            sheet.body(colour),
        )
    )
    sheet.add(
        path("M284 366H516V486Q516 516 486 516H314Q284 516 284 486Z", dark(colour, 0.35)),
        path(
            "M284 356H516V476Q516 506 486 506H314Q284 506 284 476Z", sheet.body(light(colour, 0.06))
        ),
    )
    sheet.add(
        path(
            (
                "M240 220C240 120 300 74 400 74S560 120 560 220V266Q560 300 520 304"
                "Q400 316 280 304Q240 300 240 266Z"
            ),
            sheet.body(light(colour, 0.1)),
        )
    )
    _buckles(sheet)


def _buckles(sheet: Sheet) -> None:
    """Two leather straps over flap and pocket, the seams and the label."""
    leather = sheet.body("#8a5a34")
    for x in (316, 456):
        sheet.add(
            rect(x, 262, 28, 150, leather, 8),
            rect(x - 5, 338, 38, 28, "#d8b365", 6),
            rect(x + 2, 345, 24, 14, "#8a5a34", 3),
        )
    sheet.add(
        stroke(
            "M304 396H496M276 240C330 262 470 262 524 240",
            "#ffffff",
            3,
            stroke_dasharray="9 8",
            opacity="0.35",
        ),
        rect(366, 440, 68, 34, "#8a5a34", 5),
    )


def tote(sheet: Sheet, colour: str) -> None:
    """A canvas bag with leeks looking out."""
    sheet.floor(400, 540, 220, 20)
    sheet.add(
        stroke(
            (
                "M470 240C476 160 500 120 520 66M500 240C510 170 540 140 572 100M484 240"
                "C480 180 470 130 478 80"
            ),
            "#5f9a6d",
            15,
        ),
        stroke("M470 240L482 180M500 240L508 190", "#e9efd6", 20),
    )
    sheet.add(stroke("M316 250C310 60 440 60 446 250", dark(colour, 0.4), 22))
    sheet.add(
        path("M222 226H578L556 514Q554 538 528 538H272Q246 538 244 514Z", sheet.body(colour, 0.8))
    )
    sheet.add(
        stroke("M300 262C296 40 500 40 500 262", light(colour, 0.1), 24),
        stroke("M226 252H574", dark(colour, 0.3), 3, stroke_dasharray="9 8"),
    )
    sheet.add(
        rect(286, 250, 28, 44, dark(colour, 0.14), 4), rect(486, 250, 28, 44, dark(colour, 0.14), 4)
    )
    sheet.add(
        circle(400, 400, 70, stroke=dark(colour, 0.45), stroke_width=6.0),
        stroke("M360 420q20-30 40 0t40 0M360 390q20-30 40 0t40 0", dark(colour, 0.45), 6),
    )


def tee(sheet: Sheet, colour: str) -> None:
    """A T-shirt laid flat."""
    d = (
        "M300 92Q400 150 500 92L572 116Q594 124 606 146L664 262L576 304L552 262V510"
        "Q552 524 538 524H262Q248 524 248 510V262L224 304L136 262L194 146Q206 124 228 116Z"
    )
    sheet.add(
        path(d, "#1b2233", opacity="0.14", transform="translate(6 12)"),
        path(d, sheet.body(colour, 0.7)),
    )
    sheet.add(
        path("M300 92Q400 150 500 92L484 88Q400 128 316 88Z", dark(colour, 0.3)),
        stroke("M292 98Q400 168 508 98", dark(colour, 0.25), 5),
    )
    sheet.add(
        stroke(
            "M248 262C254 220 250 190 240 168M552 262C546 220 550 190 560 168",
            dark(colour, 0.35),
            4,
            opacity="0.7",
        )
    )
    sheet.add(
        stroke(
            "M248 500H552M146 250L226 290M654 250L574 290",
            dark(colour, 0.3),
            2.5,
            stroke_dasharray="7 6",
            opacity="0.7",
        ),
        path("M300 200C330 320 300 420 320 520H270V240Z", "#ffffff", opacity="0.1"),
    )


def cap(sheet: Sheet, colour: str) -> None:
    """A ribbed knitted cap with a folded brim."""
    sheet.floor(400, 492, 230, 20)
    sheet.add(path("M214 400C200 200 290 104 400 104S600 200 586 400Z", sheet.tube(colour)))
    ribs = "".join(
        f"M{214 + k * 23.3:.0f} 396C{232 + k * 21:.0f} 250 {320 + k * 10:.0f} 150 {368 + k * 4} 112"
        for k in range(17)
    )
    sheet.add(path(ribs, stroke=dark(colour, 0.35), stroke_width=4, opacity="0.5"))
    sheet.add(
        path(
            "M196 372Q400 342 604 372V462Q604 484 582 486Q400 500 218 486Q196 484 196 462Z",
            sheet.tube(light(colour, 0.08)),
        )
    )
    fold = "".join(
        f"M{212 + k * 22} {371 - (k * (17 - k)) // 4}V{487 + (k * (17 - k)) // 12}"
        for k in range(18)
    )
    sheet.add(
        path(fold, stroke=dark(colour, 0.35), stroke_width=4, opacity="0.5"),
        rect(370, 400, 60, 40, "#8a5a34", 4),
    )


def socks(sheet: Sheet, colour: str) -> None:
    """A pair of socks with bands, heel and toe."""
    sheet.floor(410, 530, 230, 18)
    d = "M-60 -200H60V40C60 84 96 104 136 116C186 132 190 206 130 208H10C-40 208 -60 170 -60 120Z"
    for x, y, shift in ((420, 292, 0.25), (330, 320, 0.0)):
        tint = dark(colour, shift)
        sock = (
            path(d, sheet.body(tint)),
            path("M-60 -200H60V-140H-60Z", light(tint, 0.55)),
            path("M-60 -96H60V-72H-60ZM-60 -52H60V-40H-60Z", "#2a3e63"),
            path("M-60 78C-10 86 -4 150 -30 196C-54 180 -60 150 -60 120Z", "#2a3e63"),
            path("M108 108C90 140 96 190 110 208H130C190 206 186 132 136 116Z", "#2a3e63"),
            stroke(
                "M-44 -196V-144M-28 -196V-144M-12 -196V-144M4 -196V-144M20 -196V-144M36 -196V-144",
                dark(tint, 0.2),
                3,
                opacity="0.5",
            ),
        )
        sheet.add(group(*sock, transform=f"translate({x} {y})"))


def raincoat(sheet: Sheet, colour: str) -> None:
    """A hooded raincoat on a hook."""
    sheet.add(stroke("M400 30V64", "#59616c", 8), circle(400, 28, 12, "#59616c"))
    sheet.add(
        path(
            (
                "M300 130L184 200Q168 212 164 236L134 430L206 448L246 300V540H554V300"
                "L594 448L666 430L636 236Q632 212 616 200L500 130Z"
            ),
            "#1b2233",
            opacity="0.13",
            transform="translate(8 10)",
        )
    )
    sleeve = sheet.body(dark(colour, 0.12))
    sheet.add(
        path("M300 132L184 202Q168 214 164 238L134 430L206 448L268 250Z", sleeve),
        path("M500 132L616 202Q632 214 636 238L666 430L594 448L532 250Z", sleeve),
    )
    sheet.add(
        path(
            "M290 136Q400 176 510 136L548 200L560 540Q400 560 240 540L252 200Z", sheet.body(colour)
        )
    )
    sheet.add(
        path(
            "M296 150C280 84 340 58 400 58S520 84 504 150Q400 210 296 150Z",
            sheet.body(light(colour, 0.08)),
        ),
        path("M330 146C320 104 356 84 400 84S480 104 470 146Q400 186 330 146Z", dark(colour, 0.6)),
    )
    sheet.add(
        stroke("M400 178V546", dark(colour, 0.4), 4),
        *(circle(414, y, 6, "#ffffff") for y in (220.0, 290.0, 360.0, 430.0, 500.0)),
    )
    sheet.add(
        rect(276, 400, 88, 26, dark(colour, 0.22), 8),
        rect(436, 400, 88, 26, dark(colour, 0.22), 8),
        stroke("M374 176V236M426 176V236", "#f4f1ea", 4),
    )

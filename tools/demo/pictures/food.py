"""What is eaten, drunk or drunk from on the way."""

from __future__ import annotations

from tools.demo.pictures.svg import Sheet, circle, dark, group, light, mix, oval, path, rect, stroke


def bucket(sheet: Sheet, colour: str) -> None:
    """A striped bucket heaped with fried chicken."""
    sheet.floor(400, 532, 190, 18)
    crust = sheet.body("#c9822f")
    for x, y, turn in (
        (300, 196, -34),
        (400, 150, 4),
        (506, 196, 36),
        (350, 180, -12),
        (454, 182, 18),
    ):
        drum = (
            path("M-8 -96h16v50h-16z", "#eadbbd"),
            circle(-9, -98, 12, "#f1e5cc"),
            circle(9, -98, 12, "#f1e5cc"),
            path("M-14 -58C-60 -30 -76 40 -48 84S48 112 62 70S46 -34 14 -58Z", crust),
            *(circle(a, b, 6, "#e5a852") for a, b in ((-28, 10), (-8, 44), (22, 6), (8, -22))),
        )
        sheet.add(group(*drum, transform=f"translate({x} {y}) rotate({turn})"))
    sheet.add(
        path("M226 236H574L532 524Q530 532 520 532H280Q270 532 268 524Z", sheet.tube("#faf5ea"))
    )
    sheet.add(
        path(
            "M226 236h58l12 296h-16q-10 0-12-8zM342 236h58v296h-48zM458 236h58l-24 296h-44z",
            sheet.tube(colour),
        )
    )
    sheet.add(rect(216, 222, 368, 26, sheet.tube(dark(colour, 0.1)), 12))
    sheet.add(
        circle(400, 390, 66, "#fffaf0"),
        stroke(
            (
                "M372 410C372 376 392 360 416 366L440 376L420 386C426 414 400 428 372 410Z"
                "M404 366L398 350M414 366L414 348"
            ),
            colour,
            7,
        ),
        circle(410, 379, 4, colour),
    )


def ice_cream(sheet: Sheet, colour: str) -> None:
    """Two scoops in a cone."""
    sheet.floor(400, 556, 90, 12)
    sheet.add(path("M302 300H498L412 546Q400 560 388 546Z", sheet.body("#dda45c")))
    sheet.add(
        stroke(
            (
                "M330 310L430 492M376 310L452 430M424 310L474 380M470 310L370 492M424 310"
                "L348 430M376 310L326 380"
            ),
            "#b67a35",
            4,
            opacity="0.7",
        )
    )
    second = mix(colour, "#8fc9b4", 0.75)
    sheet.add(circle(452, 196, 94, sheet.body(second)))
    sheet.add(
        path(
            (
                "M282 226C282 150 340 112 392 116S496 180 488 244C500 300 486 330 466 306"
                "S436 318 418 332S372 308 352 322S312 326 306 302S282 280 282 226Z"
            ),
            sheet.body(colour),
        )
    )
    for x, y, turn, tint in (
        (340, 190, 20, "#6d3b5e"),
        (390, 160, -30, "#ffffff"),
        (420, 220, 60, "#f0b429"),
        (360, 250, -60, "#2f8f9d"),
        (450, 140, 10, "#ffffff"),
        (500, 190, 50, "#e5533d"),
    ):
        sheet.add(rect(x, y, 22, 8, tint, 4, transform=f"rotate({turn} {x} {y})"))
    sheet.add(
        path("M306 220C306 176 336 146 366 140C344 164 326 196 326 240Z", "#ffffff", opacity="0.35")
    )


def tin(sheet: Sheet, colour: str) -> None:
    """A tea tin with a leaf on its label."""
    sheet.floor(400, 524, 180, 18)
    sheet.add(path("M254 160V490Q254 524 400 524T546 490V160Z", sheet.tube(colour)))
    sheet.add(path("M254 250Q400 278 546 250V430Q400 460 254 430Z", sheet.tube("#f3ead4")))
    sheet.add(path("M248 120V190Q248 216 400 216T552 190V120Z", sheet.tube(light(colour, 0.1))))
    sheet.add(
        oval(400, 120, 152, 30, light(colour, 0.3)), oval(400, 120, 128, 23, light(colour, 0.15))
    )
    sheet.add(
        path("M400 416C340 396 336 326 400 284C464 326 460 396 400 416Z", colour),
        stroke(
            "M400 432V310M400 372L424 346M400 372L376 346M400 396L420 376M400 396L380 376",
            "#f3ead4",
            4,
        ),
    )


def thermos(sheet: Sheet, colour: str) -> None:
    """A steel flask with a cup lid."""
    sheet.floor(400, 542, 130, 16)
    sheet.add(rect(326, 150, 148, 390, sheet.tube(colour), 30))
    sheet.add(
        rect(334, 132, 132, 34, sheet.tube("#c9ced5"), 6),
        rect(322, 46, 156, 96, sheet.tube(dark(colour, 0.15)), 26),
    )
    sheet.add(
        rect(326, 470, 148, 12, "#ffffff", opacity="0.2"),
        path("M400 310l26 46a30 30 0 1 1-52 0z", "#ffffff", opacity="0.75"),
    )


def bottle(sheet: Sheet, colour: str) -> None:
    """A water bottle with a loop lid."""
    sheet.floor(400, 544, 130, 16)
    sheet.add(
        stroke("M356 110C356 20 444 20 444 110", "#23272e", 18),
        rect(346, 84, 108, 62, sheet.tube("#2b2f36"), 12),
    )
    sheet.add(
        path(
            (
                "M352 144H448V168C448 206 486 212 486 262V508Q486 542 452 542H348"
                "Q314 542 314 508V262C314 212 352 206 352 168Z"
            ),
            sheet.tube(colour),
        )
    )
    sheet.add(
        rect(350, 144, 100, 12, "#c9ced5"),
        stroke("M336 380L372 330L396 362L422 316L466 380", "#ffffff", 7, opacity="0.85"),
        circle(372, 296, 9, "#ffffff", opacity="0.85"),
    )

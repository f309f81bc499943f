"""Things with a screen or a lens: phone, tablet, reader, watch, camera, roll-up display."""

from __future__ import annotations

from tools.demo.pictures.svg import (
    Sheet,
    circle,
    dark,
    group,
    is_pale,
    light,
    mix,
    oval,
    path,
    rect,
    stroke,
)

BEZEL = "#0c0e12"


def _wallpaper(sheet: Sheet, colour: str) -> str:
    if is_pale(colour):
        colour = mix(colour, "#6f7fc0", 0.65)
    return sheet.shade((light(colour, 0.55), 0), (colour, 0.55), (dark(colour, 0.5), 1), slant=True)


def phone(sheet: Sheet, colour: str) -> None:
    """Two phones, one showing its back, the other its screen."""
    sheet.floor(400, 526, 220, 20)
    back = sheet.body(colour, 0.8, across=True)
    edge = dark(colour, 0.35)
    rear = (
        rect(248, 84, 212, 436, edge, 36),
        rect(251, 87, 206, 430, back, 33),
        rect(268, 104, 78, 136, mix(colour, "#808890", 0.25), 34),
        *(circle(307, y, 25, "#14171c") for y in (142.0, 202.0)),
        *(circle(307, y, 15, "#2c3a52") for y in (142.0, 202.0)),
        *(circle(301, y - 6, 4.5, "#9fb6d8") for y in (142.0, 202.0)),
        circle(366, 128, 7, "#fff6dc"),
        path(
            "M251 300L457 150V300L300 517H284C262 517 251 500 251 484Z", "#ffffff", opacity="0.07"
        ),
    )
    sheet.add(group(*rear, transform="rotate(-7 354 302)"))
    screen = _wallpaper(sheet, colour)
    front = (
        rect(356, 96, 208, 428, edge, 36),
        rect(360, 100, 200, 420, BEZEL, 32),
        rect(368, 108, 184, 404, screen, 26),
        circle(406, 420, 120, light(colour, 0.4), opacity="0.35"),
        circle(530, 300, 90, light(colour, 0.7), opacity="0.28"),
        rect(428, 118, 64, 16, BEZEL, 8),
        rect(412, 180, 96, 12, "#ffffff", 6, opacity="0.9"),
        rect(430, 202, 60, 7, "#ffffff", 3.5, opacity="0.65"),
        rect(424, 497, 72, 4, "#ffffff", 2, opacity="0.8"),
        path("M368 134C368 116 376 108 394 108H500L368 330Z", "#ffffff", opacity="0.1"),
    )
    clip = '<clipPath id="s"><rect x="368" y="108" width="184" height="404" rx="26"/></clipPath>'
    sheet.add(clip, group(*front[:3]), group(*front[3:], clip_path="url(#s)"))


def tablet(sheet: Sheet, colour: str) -> None:
    """A tablet lying towards the viewer with a drawing on it and its pen."""
    sheet.floor(400, 512, 290, 22)
    screen = sheet.shade(("#fbfaf6", 0), ("#efeadf", 1))
    sheet.add(rect(130, 112, 520, 388, dark(colour, 0.3), 30))
    sheet.add(rect(133, 112, 514, 383, sheet.body(colour), 28), rect(140, 118, 500, 370, BEZEL, 24))
    sheet.add(rect(158, 136, 464, 334, screen, 8))
    hill = mix(colour, "#4a7d78", 0.6)
    sheet.add(
        path(
            (
                "M158 400C230 330 290 340 350 380S480 420 622 330V462Q622 470 614 470H166"
                "Q158 470 158 462Z"
            ),
            hill,
        )
    )
    sheet.add(
        path(
            "M158 430C260 390 420 440 622 400V462Q622 470 614 470H166Q158 470 158 462Z",
            dark(hill, 0.3),
        )
    )
    sheet.add(circle(500, 226, 42, "#f0b27a"))
    sheet.add(
        stroke(
            "M210 250c16-14 26-14 34 0c10-14 22-14 36 0M292 214c10-8 16-8 22 0c6-8 12-8 22 0",
            "#5b6470",
            4,
        )
    )
    pen = (
        rect(660, 128, 16, 300, sheet.tube(light(colour, 0.4)), 8),
        path("M660 424h16l-8 34z", "#d9c39a"),
        path("M665 446h6l-3 12z", "#33373d"),
    )
    sheet.add(group(*pen, transform="rotate(9 668 300)"))


def reader(sheet: Sheet, colour: str) -> None:
    """An e-paper reader with page keys and lines of grey text."""
    sheet.floor(400, 530, 190, 18)
    sheet.add(rect(250, 76, 316, 446, dark(colour, 0.3), 26))
    sheet.add(rect(250, 74, 314, 442, sheet.body(colour, 0.7), 26))
    sheet.add(
        rect(276, 100, 228, 390, "#8e8d84", 8),
        rect(278, 102, 224, 386, sheet.shade(("#f6f4ea", 0), ("#e4e0d2", 1)), 6),
    )
    sheet.add(rect(302, 132, 108, 12, "#4a4a46", 4))
    widths = (176, 170, 176, 162, 176, 120, 176, 168, 174, 176, 150, 176, 164, 90)
    sheet.add(
        *(rect(302, 168.0 + row * 21, width, 7, "#8b8a83", 3) for row, width in enumerate(widths))
    )
    key = light(colour, 0.25) if not is_pale(colour) else dark(colour, 0.2)
    sheet.add(rect(522, 200, 20, 76, key, 10), rect(522, 292, 20, 76, key, 10))


def watch(sheet: Sheet, colour: str) -> None:
    """A round watch on a strap of the colour."""
    strap = sheet.tube(colour)
    sheet.add(path("M334 40H466L478 190H322Z", strap), path("M322 410H478L462 566H338Z", strap))
    sheet.add(*(rect(392, y, 16, 7, dark(colour, 0.5), 3.5) for y in (470.0, 496.0, 522.0)))
    steel = sheet.shade(("#f4f6f8", 0), ("#a9b0b9", 0.5), ("#6d747e", 1), slant=True)
    sheet.add(rect(536, 278, 26, 44, steel, 8), circle(400, 300, 146, steel))
    face = sheet.shade((dark(colour, 0.5), 0), (dark(colour, 0.78), 1))
    sheet.add(circle(400, 300, 128, "#12151b"), circle(400, 300, 122, face))
    for hour in range(12):
        long = 20 if hour % 3 == 0 else 10
        sheet.add(rect(398, 186, 4, long, "#e8ebef", 2, transform=f"rotate({hour * 30} 400 300)"))
    sheet.add(circle(400, 356, 32, dark(colour, 0.85)))
    sheet.add(stroke("M400 328A28 28 0 1 1 373 349", light(colour, 0.45), 7))
    sheet.add(rect(395, 222, 10, 84, "#ffffff", 5, transform="rotate(-58 400 300)"))
    sheet.add(rect(396, 196, 8, 110, "#ffffff", 4, transform="rotate(60 400 300)"))
    sheet.add(stroke("M400 326L400 204", "#f08a5d", 3), circle(400, 300, 9, "#f08a5d"))
    sheet.add(
        path(
            "M318 214A120 120 0 0 1 470 200C410 210 350 260 326 340A120 120 0 0 1 318 214Z",
            "#ffffff",
            opacity="0.1",
        )
    )


def camera(sheet: Sheet, colour: str) -> None:
    """An instant camera with a print coming out below."""
    sheet.floor(400, 530, 230, 20)
    sheet.add(
        rect(296, 396, 208, 130, "#ffffff", 4),
        rect(312, 400, 176, 100, sheet.shade(("#f7c59f", 0), ("#7fa6c9", 1)), 2),
    )
    sheet.add(path("M312 476C350 446 390 470 420 456S470 440 488 452V500H312Z", "#4f7f6b"))
    shell = sheet.body(colour)
    sheet.add(rect(200, 112, 400, 320, dark(colour, 0.3), 58), rect(200, 108, 400, 314, shell, 56))
    sheet.add(
        rect(200, 330, 400, 18, dark(colour, 0.16)), rect(280, 396, 240, 12, dark(colour, 0.65), 6)
    )
    sheet.add(
        rect(232, 136, 86, 52, "#fdf7e6", 14),
        rect(238, 142, 74, 40, sheet.shade(("#ffffff", 0), ("#d9dde3", 1)), 10),
    )
    sheet.add(
        rect(490, 138, 72, 48, "#1a1d24", 12),
        circle(526, 162, 15, "#3d4d66"),
        circle(521, 157, 4, "#c9d8ee"),
    )
    for radius, fill in (
        (112, light(colour, 0.5)),
        (100, "#23272f"),
        (78, "#14171d"),
        (56, "#25354e"),
        (34, "#0e131c"),
    ):
        sheet.add(circle(400, 256, radius, fill))
    sheet.add(oval(378, 230, 20, 14, "#a8c2e6", opacity="0.8", transform="rotate(-35 378 230)"))
    sheet.add(circle(236, 256, 20, "#e5533d"), circle(236, 254, 17, "#f26f58"))


def powerbank(sheet: Sheet, colour: str) -> None:
    """A pebble with a charge display and a short cable."""
    sheet.floor(400, 462, 260, 24)
    sheet.add(stroke("M616 330C690 330 700 420 640 440S560 480 660 500", dark(colour, 0.25), 14))
    sheet.add(rect(652, 488, 54, 26, "#d6dade", 8), rect(700, 493, 22, 16, "#9aa1aa", 4))
    sheet.add(
        path(
            "M170 330C160 220 280 160 410 164S640 230 634 336S520 462 400 462S178 430 170 330Z",
            dark(colour, 0.3),
        )
    )
    sheet.add(
        path(
            "M170 322C160 212 280 152 410 156S640 222 634 328S520 450 400 450S178 422 170 322Z",
            sheet.body(colour),
        )
    )
    sheet.add(
        path("M210 290C220 214 310 180 400 182C330 196 250 230 226 330Z", "#ffffff", opacity="0.28")
    )
    sheet.add(rect(346, 282, 128, 60, dark(colour, 0.75), 30))
    sheet.add(rect(370, 302, 66, 20, "#7fe0b2", 6), rect(440, 306, 10, 12, "#48525c", 3))


def usb(sheet: Sheet, colour: str) -> None:
    """A memory stick beside its wooden cap."""
    sheet.floor(410, 410, 270, 20)
    steel = sheet.shade(("#f4f6f8", 0), ("#b3bac3", 0.5), ("#7b828c", 1))
    sheet.add(rect(180, 278, 90, 66, steel, 14), rect(192, 302, 40, 18, "#3a4049", 8))
    sheet.add(rect(250, 244, 210, 134, steel, 26), stroke("M286 268V354", "#8c949e", 3))
    sheet.add(circle(420, 311, 16, "#8c949e"), circle(420, 311, 11, "#e4e7ea"))
    sheet.add(
        path(
            "M500 236H590Q650 236 650 311T590 386H500Q490 386 490 376V246Q490 236 500 236Z",
            sheet.body(colour),
        )
    )
    grain = (
        "M506 262C550 256 600 258 634 282",
        "M504 300C540 288 600 296 642 312",
        "M506 344C560 330 600 344 636 346",
    )
    sheet.add(*(stroke(d, dark(colour, 0.3), 3, opacity="0.5") for d in grain))


def rolla(sheet: Sheet, colour: str) -> None:
    """A display drawn out of its tube, with the free end curling."""
    sheet.floor(400, 500, 300, 24)
    screen = sheet.shade(("#20315a", 0), ("#5a4b8a", 0.5), ("#e59a7a", 1), slant=True)
    sheet.add(path("M196 132H640Q668 132 668 160V420Q668 448 640 448H196Z", BEZEL))
    sheet.add(path("M196 144H636Q656 144 656 164V416Q656 436 636 436H196Z", screen))
    sheet.add(
        path(
            "M196 370C300 300 380 400 470 350S600 300 656 330V416Q656 436 636 436H196Z",
            "#1d2846",
            opacity="0.75",
        )
    )
    sheet.add(circle(520, 226, 36, "#ffe3b8"), rect(236, 176, 150, 14, "#ffffff", 7, opacity="0.9"))
    sheet.add(rect(236, 204, 96, 9, "#ffffff", 4.5, opacity="0.6"))
    sheet.add(path("M196 144H330L210 436H196Z", "#ffffff", opacity="0.07"))
    sheet.add(rect(650, 120, 24, 340, sheet.tube(colour), 12))
    sheet.add(rect(122, 92, 88, 396, sheet.tube(colour), 30))
    sheet.add(
        rect(122, 104, 88, 20, dark(colour, 0.2), opacity="0.55"),
        rect(122, 456, 88, 20, dark(colour, 0.2), opacity="0.55"),
    )
    sheet.add(
        rect(198, 132, 10, 316, dark(colour, 0.65), 3),
        circle(152, 290, 7, "#ffffff", opacity="0.85"),
    )


def rolla_stand(sheet: Sheet, colour: str) -> None:
    """A steel stand on a cork foot with a slot for the tube."""
    sheet.floor(400, 508, 220, 24)
    sheet.add(
        path(
            "M226 470H574Q592 470 592 488T574 508H226Q208 508 208 488T226 470Z",
            sheet.body("#b98b5a"),
        )
    )
    sheet.add(
        *(
            circle(x, y, 3, "#8d6539")
            for x, y in ((250, 484), (300, 496), (352, 482), (420, 494), (486, 484), (540, 497))
        )
    )
    sheet.add(rect(240, 448, 320, 26, sheet.body(colour), 10))
    sheet.add(path("M372 452L384 210H416L428 452Z", sheet.tube(colour)))
    sheet.add(path("M196 172H604V206Q604 246 564 246H236Q196 246 196 206Z", sheet.body(colour)))
    sheet.add(
        rect(196, 160, 408, 26, dark(colour, 0.55), 13), rect(214, 166, 372, 12, "#0e1116", 6)
    )
    sheet.add(stroke("M226 222H574", "#ffffff", 3, opacity="0.25"))

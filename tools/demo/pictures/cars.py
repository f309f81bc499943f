"""Electric cars seen from the left side, and what belongs to them: the cabin and a wheel.

The cars share wheels, lamps and shading; `car_outlines` has what tells them apart.
"""

from __future__ import annotations

from math import cos, pi, sin

from tools.demo.pictures.car_outlines import ESTATE, HATCHBACK, SALOON, Outline
from tools.demo.pictures.svg import (
    Sheet,
    circle,
    dark,
    group,
    is_pale,
    light,
    number,
    oval,
    path,
    rect,
    stroke,
)

GROUND = 438
TYRE = 55


def saloon(sheet: Sheet, colour: str) -> None:
    """A fastback with four doors."""
    _car(sheet, colour, SALOON)


def estate(sheet: Sheet, colour: str) -> None:
    """The saloon with a long roof and rails."""
    _car(sheet, colour, ESTATE)


def hatchback(sheet: Sheet, colour: str) -> None:
    """A small car with two doors."""
    _car(sheet, colour, HATCHBACK)


def _car(sheet: Sheet, colour: str, car: Outline) -> None:
    left, right = car.span
    sheet.floor((left + right) / 2, GROUND + 1, (right - left) / 2 + 40, 24)
    _shell(sheet, colour, car)
    _glasshouse(sheet, colour, car)
    _trim(sheet, colour, car)
    front, rear = car.wheels
    y, arch = GROUND - TYRE, TYRE + 8
    for x in car.wheels:
        sheet.add(path(f"M{x - arch + 5} 410A{arch} {arch} 0 1 1 {x + arch - 5} 410Z", "#0e1015"))
    rim = sheet.shade(("#f2f4f6", 0), ("#b4bac2", 0.5), ("#7d848e", 1), slant=True)
    sheet.add(group(*wheel(front, y, TYRE, rim), id="w"), f'<use href="#w" x="{rear - front}"/>')


def _shell(sheet: Sheet, colour: str, car: Outline) -> None:
    depth = 0.45 if is_pale(colour) else 1.0
    paint = sheet.shade(
        (light(colour, 0.3), 0),
        (light(colour, 0.16), 0.3),
        (colour, 0.5),
        (dark(colour, 0.16 * depth), 0.64),
        (dark(colour, 0.42 * depth), 1),
    )
    sheet.add(path(car.body, paint))
    # Below the crease the flank leans inwards: shade first, then light thrown up by the floor.
    flank = sheet.shade(("#0c1020", 0, 0.16 * depth), ("#0c1020", 0.5, 0.03), ("#ffffff", 1, 0.2))
    sheet.add(path(car.flank, flank))
    shine = sheet.shade(
        ("#ffffff", 0, 0.1), ("#ffffff", 0.5, 0.75), ("#ffffff", 1, 0.1), across=True
    )
    sheet.add(stroke(car.shoulder, shine, 2.5))
    sheet.add(path(car.sill, "#15181e"))


def _glasshouse(sheet: Sheet, colour: str, car: Outline) -> None:
    glass = sheet.shade(("#5d6b7d", 0), ("#2b3440", 0.45), ("#171c24", 1))
    sheet.add(path(car.roof, "#171b22"))
    sheet.add(path(car.windscreen, glass))
    sheet.add(path(car.glass, glass, stroke="#0e1116", stroke_width=3))
    sheet.add(path(car.reflection, "#ffffff", opacity="0.14"))
    for pillar in car.pillars:
        sheet.add(stroke(pillar, "#0e1116", 7))


def _trim(sheet: Sheet, colour: str, car: Outline) -> None:
    if car.rails:
        sheet.add(stroke(car.rails, "#8f969f", 5), stroke(car.rails, "#d5dae0", 2))
    seam = dark(colour, 0.45)
    sheet.add(group(*(stroke(d, seam, 1.6) for d in car.doors), opacity="0.7"))
    for x, y in car.handles:
        sheet.add(rect(x, y, 30, 5, dark(colour, 0.4), 2.5))
        sheet.add(rect(x, y - 1, 30, 3, light(colour, 0.4), 1.5))
    x, y = car.mirror
    sheet.add(path(f"M{x} {y}c2 -13 14 -17 27 -15c4 1 4 12 1 15z", dark(colour, 0.15)))
    sheet.add(path(f"M{x + 3} {y - 5}c3 -8 12 -10 23 -9c2 1 2 5 1 7z", light(colour, 0.28)))
    lamp = sheet.shade(("#ffffff", 0), ("#cfe4f7", 1), across=True)
    sheet.add(path(car.lamp, lamp, stroke="#39424f", stroke_width=1.5))
    tail = sheet.shade(("#8d1720", 0), ("#f2434b", 1), across=True)
    sheet.add(path(car.tail, tail))


def wheel(x: float, y: float, r: float, rim: str, spokes: int = 5) -> list[str]:
    """A tyre and an alloy rim of `spokes` double spokes about (x, y); `rim` is its fill."""
    inner = r * 0.74
    parts = [
        circle(x, y, r, "#191b20"),
        circle(x, y, r * 0.93, stroke="#2c3037", stroke_width=2.0),
        circle(x, y, inner, "#23272e"),
        circle(x, y, inner * 0.62, "#3b4049"),
    ]
    blades = ""
    for spoke in range(spokes):
        for side in (-0.17, 0.17):
            turn = 2 * pi * spoke / spokes - pi / 2
            blades += _blade(x, y, inner, turn + side)
    parts.append(path(blades, rim))
    parts.append(circle(x, y, inner, stroke=rim, stroke_width=r * 0.055))
    parts.append(circle(x, y, r * 0.16, rim))
    parts.append(circle(x, y, r * 0.08, "#3b4049"))
    return parts


def _blade(x: float, y: float, r: float, turn: float) -> str:
    """One spoke from the hub to radius `r`, narrow at the hub."""
    corners = ((0.12, -0.45), (1, -0.075), (1, 0.075), (0.12, 0.45))
    points = (
        f"{number(x + r * reach * cos(turn + off))} {number(y + r * reach * sin(turn + off))}"
        for reach, off in corners
    )
    return "M" + "L".join(points) + "Z"


def alloy_wheel(sheet: Sheet, colour: str) -> None:
    """One wheel, large, with tread and brake."""
    sheet.floor(400, 528, 250, 22)
    rim = sheet.shade((light(colour, 0.7), 0), (colour, 0.5), (dark(colour, 0.35), 1), slant=True)
    sheet.add(circle(400, 300, 226, "#14161b"))
    sheet.add(circle(400, 300, 222, stroke="#2b2f37", stroke_width=8.0, stroke_dasharray="10 5"))
    sheet.add(*wheel(400, 300, 214, rim))
    sheet.add(stroke("M262 168A190 190 0 0 1 470 122", "#ffffff", 6, opacity="0.16"))
    for spoke in range(5):
        turn = 2 * pi * spoke / 5 + pi / 10
        sheet.add(circle(400 + 24 * cos(turn), 300 + 24 * sin(turn), 4.5, "#2b2f37"))


def cabin(sheet: Sheet, colour: str) -> None:
    """The dashboard from the middle of the rear seat."""
    sky = sheet.shade(("#a9c8e4", 0), ("#dfeaf2", 0.75), ("#f4efe4", 1))
    trim = sheet.body(dark(colour, 0.08), 0.7)
    sheet.add(rect(0, 0, 800, 600, "#1c2027"))
    sheet.add(path("M96 44C250 20 550 20 704 44L768 300H32Z", sky))
    sheet.add(path("M32 300C150 236 250 262 340 244C470 218 600 262 768 300Z", "#93a98f"))
    sheet.add(path("M372 300L392 246H412L470 300Z", "#7b818a"))
    sheet.add(path("M300 30H500L486 62C440 70 360 70 314 62Z", "#23272e"))
    sheet.add(path("M0 330C180 268 620 268 800 330V430H0Z", "#2d323b"))
    sheet.add(path("M0 366C200 320 600 320 800 366V470H0Z", trim))
    sheet.add(path("M0 402C200 368 600 368 800 402V600H0Z", "#262a32"))
    sheet.add(stroke("M0 368C200 322 600 322 800 368", "#ffd9a0", 2.5, opacity="0.8"))
    _screen(sheet)
    _steering_wheel(sheet, trim)
    sheet.add(path("M352 470H470C480 520 486 560 488 600H336C338 560 342 520 352 470Z", "#1a1d23"))
    sheet.add(rect(374, 500, 76, 70, "#30353f", 16), rect(388, 514, 48, 6, "#8a93a0", 3))


def _screen(sheet: Sheet) -> None:
    glow = sheet.shade(("#1a2a3f", 0), ("#0f1824", 1))
    sheet.add(rect(352, 296, 262, 152, "#0b0d11", 14), rect(360, 304, 246, 136, glow, 8))
    sheet.add(stroke("M380 420C420 380 450 410 480 366S540 340 584 322", "#4fb3a5", 5))
    sheet.add(circle(480, 366, 9, "#ffffff"), circle(480, 366, 5, "#2f8f9d"))
    for row, width in enumerate((54, 38, 46)):
        sheet.add(rect(374, 320.0 + row * 14, width, 6, "#6d7f95", 3))


def _steering_wheel(sheet: Sheet, trim: str) -> None:
    sheet.add(path("M190 470L206 600H250L258 470Z", "#15181d"))
    sheet.add(oval(222, 440, 124, 118, stroke="#111318", stroke_width=30.0))
    sheet.add(oval(222, 440, 124, 118, stroke="#3a404a", stroke_width=20.0))
    sheet.add(
        path(
            (
                "M104 420C160 408 284 408 340 420L336 452C290 446 276 500 254 548H190"
                "C168 500 150 446 108 452Z"
            ),
            "#1d2027",
        )
    )
    sheet.add(rect(182, 420, 80, 56, trim, 24))
    sheet.add(stroke("M116 392A124 118 0 0 1 328 392", "#ffffff", 3, opacity="0.25"))
    sheet.add(circle(140, 436, 7, "#aeb6c1"), circle(304, 436, 7, "#aeb6c1"))

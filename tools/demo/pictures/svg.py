"""A sheet of drawing paper: elements as strings, gradients by name, colours by mixing.

Every picture is 800 × 600 units. Numbers are rounded to one decimal so that the same data
always give the same bytes.
"""

from __future__ import annotations

WIDTH, HEIGHT = 800, 600
# Colour and place (0 to 1) of one step of a gradient, and its opacity if it is not solid.
Stop = tuple[str, float] | tuple[str, float, float]


def number(value: float) -> str:
    """A coordinate, without needless digits."""
    return f"{round(value, 1) + 0:g}"


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other`, both `#rrggbb`."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def light(colour: str, share: float) -> str:
    """`colour` with a share of white."""
    return mix(colour, "#ffffff", share)


def dark(colour: str, share: float) -> str:
    """`colour` with a share of a blue black, which is kinder than pure black."""
    return mix(colour, "#0c1020", share)


def is_pale(colour: str) -> bool:
    """Whether dark marks show better on `colour` than light ones."""
    red, green, blue = bytes.fromhex(colour[1:])
    return 0.3 * red + 0.59 * green + 0.11 * blue > 165


def _tag(name: str, fill: str | None, attributes: dict[str, object]) -> str:
    words = [name]
    if fill is not None:
        words.append(f'fill="{fill}"')
    for key, value in attributes.items():
        text = number(value) if isinstance(value, float) else str(value)
        words.append(f'{key.replace("_", "-")}="{text}"')
    return "<" + " ".join(words) + "/>"


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0, **more: object) -> str:
    """A rectangle with corners of radius `r`."""
    box: dict[str, object] = {"x": float(x), "y": float(y)}
    box |= {"width": float(w), "height": float(h)}
    if r:
        box["rx"] = float(r)
    return _tag("rect", fill, box | more)


def circle(x: float, y: float, r: float, fill: str = "none", **more: object) -> str:
    """A circle about (x, y)."""
    return _tag("circle", fill, {"cx": float(x), "cy": float(y), "r": float(r)} | more)


def oval(x: float, y: float, rx: float, ry: float, fill: str = "none", **more: object) -> str:
    """An ellipse about (x, y)."""
    box: dict[str, object] = {"cx": float(x), "cy": float(y), "rx": float(rx), "ry": float(ry)}
    return _tag("ellipse", fill, box | more)


def path(d: str, fill: str = "none", **more: object) -> str:
    """A path in SVG's own words."""
    return _tag("path", fill, {"d": d} | more)


def stroke(d: str, colour: str, width: float, **more: object) -> str:
    """A line along `d` with round ends."""
    ends: dict[str, object] = {"stroke_linecap": "round", "stroke_linejoin": "round"}
    return path(d, "none", stroke=colour, stroke_width=float(width), **(ends | more))


def group(*items: str, **attributes: object) -> str:
    """Elements under common attributes, such as `transform` or `opacity`."""
    words = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in attributes.items())
    return f"<g{words}>{''.join(items)}</g>"


class Sheet:
    """One picture in the making: `add` elements back to front, then take `svg()`."""

    def __init__(self) -> None:
        self._defs: list[str] = []
        self._body: list[str] = []
        paper = self.shade(("#f3f4f6", 0), ("#e9ebef", 0.7), ("#dcdfe5", 1))
        self.add(rect(0, 0, WIDTH, HEIGHT, paper))

    def add(self, *elements: str) -> None:
        """Put elements on top of what is there."""
        self._body.extend(elements)

    def shade(self, *stops: Stop, across: bool = False, slant: bool = False) -> str:
        """A linear gradient, downwards unless `across` or `slant`; its name for `fill`."""
        way = 'x2="1" y2="1"' if slant else 'x2="1" y2="0"' if across else 'x2="0" y2="1"'
        return self._define("linearGradient", way, stops)

    def glow(self, *stops: Stop) -> str:
        """A round gradient from the middle outwards; its name for `fill`."""
        return self._define("radialGradient", "", stops)

    def body(self, colour: str, depth: float = 1.0, *, across: bool = False) -> str:
        """`colour` as a soft solid: lit from above (or the left), darker at the far side."""
        return self.shade(
            (light(colour, 0.22 * depth), 0),
            (colour, 0.45),
            (dark(colour, 0.24 * depth), 1),
            across=across,
        )

    def tube(self, colour: str) -> str:
        """`colour` as a round upright surface: bright left of the middle, dark at both edges."""
        return self.shade(
            (dark(colour, 0.22), 0),
            (light(colour, 0.3), 0.28),
            (colour, 0.6),
            (dark(colour, 0.34), 1),
            across=True,
        )

    def floor(self, x: float, y: float, rx: float, ry: float = 0) -> None:
        """The shadow under a thing that stands at height `y`."""
        name = self.glow(("#1b2233", 0, 0.42), ("#1b2233", 0.5, 0.2), ("#1b2233", 1, 0))
        self.add(oval(x, y, rx, ry or rx * 0.085, name))

    def svg(self) -> str:
        """The finished document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}"><defs>{"".join(self._defs)}</defs>'
            f"{''.join(self._body)}</svg>\n"
        )

    def _define(self, kind: str, way: str, stops: tuple[Stop, ...]) -> str:
        name = f"g{len(self._defs)}"
        steps = []
        for colour, place, *opacity in stops:
            clear = f' stop-opacity="{opacity[0]:g}"' if opacity else ""
            steps.append(f'<stop offset="{place:g}" stop-color="{colour}"{clear}/>')
        words = f'{kind} id="{name}" {way}'.strip()
        self._defs.append(f"<{words}>{''.join(steps)}</{kind}>")
        return f"url(#{name})"

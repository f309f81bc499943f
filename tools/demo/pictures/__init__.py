"""The pictures of the demo shop: one drawing function per kind of object.

A drawing is called with an empty `Sheet` and a colour, `#rrggbb`, and fills the sheet.
"""

from __future__ import annotations

from collections.abc import Callable

from tools.demo.pictures import (
    car_parts,
    cars,
    desk,
    devices,
    food,
    kitchen,
    paper,
    soft,
    wear,
)
from tools.demo.pictures.svg import Sheet

Drawing = Callable[[Sheet, str], None]

KINDS: dict[str, Drawing] = {
    "saloon": cars.saloon,
    "estate": cars.estate,
    "hatchback": cars.hatchback,
    "cabin": cars.cabin,
    "alloy-wheel": cars.alloy_wheel,
    "wallbox": car_parts.wall_box,
    "cable": car_parts.cable,
    "inflator": car_parts.inflator,
    "mats": car_parts.mats,
    "dashcam": car_parts.dash_cam,
    "roofbox": car_parts.roof_box,
    "sunshade": car_parts.sunshade,
    "phone": devices.phone,
    "tablet": devices.tablet,
    "reader": devices.reader,
    "watch": devices.watch,
    "camera": devices.camera,
    "powerbank": devices.powerbank,
    "usb": devices.usb,
    "rolla": devices.rolla,
    "rolla-stand": devices.rolla_stand,
    "earphones": desk.earphones,
    "headphones": desk.headphones,
    "speaker": desk.speaker,
    "keyboard": desk.keyboard,
    "mouse": desk.mouse,
    "lamp": desk.lamp,
    "moon-lamp": desk.moon_lamp,
    "clock": desk.clock,
    **{f"licence-{glyph}": paper.licence(glyph) for glyph in paper.GLYPHS},
    "ticket": paper.ticket,
    "voucher-cup": paper.voucher_cup,
    "pass": paper.boarding_pass,
    "keycard": paper.key_card,
    "notebook": paper.notebook,
    "pen": paper.pen,
    "boardgame": paper.board_game,
    "cards": paper.playing_cards,
    "mug": kitchen.mug,
    "kettle": kitchen.kettle,
    "press": kitchen.press,
    "board": kitchen.board,
    "bucket": food.bucket,
    "ice-cream": food.ice_cream,
    "tin": food.tin,
    "thermos": food.thermos,
    "bottle": food.bottle,
    "candle": kitchen.candle,
    "plant": kitchen.plant,
    "backpack": wear.backpack,
    "tote": wear.tote,
    "tee": wear.tee,
    "cap": wear.cap,
    "socks": wear.socks,
    "raincoat": wear.raincoat,
    "umbrella": soft.umbrella,
    "towels": soft.towels,
    "blanket": soft.blanket,
    "pillow": soft.pillow,
    "suitcase": soft.suitcase,
    "yoga-mat": soft.yoga_mat,
}


def draw(kind: str, colour: str) -> str:
    """The SVG document of one `kind` in one colour; raises KeyError for an unknown kind."""
    sheet = Sheet()
    KINDS[kind](sheet, colour)
    return sheet.svg()

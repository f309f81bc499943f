"""What the catalogue's pages decide by themselves: variants, and where a category stands."""

from typing import Any

from tests.web.node import call

FREE = {"available": 4, "low": False, "soldOut": False}
GONE = {"available": 0, "low": False, "soldOut": True}


def variant(edition: str, colour: str, stock: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{edition}-{colour}".lower(),
        "specs": {"Edition": edition, "Colour": colour},
        "stock": stock,
        "image": {"url": f"/images/{colour}.svg".lower()},
    }


# Touring is made in red alone; the standard one in blue is sold out.
CAR = {
    "options": [
        {"name": "Edition", "values": ["Standard", "Touring"]},
        {"name": "Colour", "values": [{"name": "Red", "swatch": "#b3312c"}, {"name": "Blue"}]},
    ],
    "variants": [
        variant("Standard", "Blue", GONE),
        variant("Standard", "Red", FREE),
        variant("Touring", "Red", FREE),
    ],
    "images": [{"url": "/images/cabin.svg"}, {"url": "/images/red.svg"}],
}


def choices(specs: dict[str, str], option: int) -> dict[str, str]:
    values = call("shop/variants.js", "valuesOf", CAR, specs, CAR["options"][option])
    return {one["name"]: one["state"] for one in values}


def test_a_product_opens_on_the_first_variant_that_can_be_bought() -> None:
    assert call("shop/variants.js", "firstSpecs", CAR, None) == CAR["variants"][1]["specs"]


def test_a_variant_in_the_address_comes_first_even_when_it_is_sold_out() -> None:
    found = call("shop/variants.js", "firstSpecs", CAR, "standard-blue")
    assert found == {"Edition": "Standard", "Colour": "Blue"}


def test_a_variant_that_the_address_makes_up_is_ignored() -> None:
    assert call("shop/variants.js", "firstSpecs", CAR, "x") == CAR["variants"][1]["specs"]


def test_sold_out_and_never_made_are_told_apart() -> None:
    assert choices({"Edition": "Standard", "Colour": "Red"}, 1) == {
        "Red": "free",
        "Blue": "soldOut",
    }
    assert choices({"Edition": "Touring", "Colour": "Red"}, 1) == {
        "Red": "free",
        "Blue": "impossible",
    }


def test_the_picture_follows_the_variant_and_else_stays_the_first() -> None:
    assert call("shop/variants.js", "pictureIndex", CAR, CAR["variants"][1]) == 1
    assert call("shop/variants.js", "pictureIndex", CAR, CAR["variants"][0]) == 0


def test_a_category_stands_below_all_that_hold_it() -> None:
    tree = [
        {"id": "home", "parentId": None},
        {"id": "kitchen", "parentId": "home"},
        {"id": "mugs", "parentId": "kitchen"},
    ]
    found = call("shop/trail.js", "trailOf", tree, "mugs")
    assert [one["id"] for one in found] == ["home", "kitchen", "mugs"]
    assert call("shop/trail.js", "trailOf", tree, "unheard-of") == []

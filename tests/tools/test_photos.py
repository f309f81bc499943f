"""An owner's photograph, of any size, becomes the pictures that a shop serves."""

from __future__ import annotations

import copy
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tools.demo import DemoDataError, DemoShop, check, images, load, photos
from tools.demo.photos import NoPhoto

RED, BLUE = (200, 30, 30), (30, 30, 200)
ORIENTATION, ON_ITS_SIDE = 274, 6  # EXIF


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path


def taken(folder: Path, name: str, size: tuple[int, int], mode: str = "RGB", **saved) -> str:
    """A photograph, its left half red and its right half blue where it has colours."""
    picture = Image.new(mode, size)
    if mode == "RGB":
        picture.paste(RED, (0, 0, size[0] // 2, size[1]))
        picture.paste(BLUE, (size[0] // 2, 0, *size))
    picture.save(folder / "photos" / name, **saved)
    return f"photos/{name}"


def made(folder: Path, name: str) -> list[Image.Image]:
    photos.write(name, folder / "out", folder / "kept", folder)
    return [opened(folder / "out" / each.name) for each in photos.sizes(name, folder)]


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
    return picture


@pytest.mark.parametrize(
    ("size", "served"),
    [
        ((6000, 4000), [(800, 533), (400, 267), (1600, 1067)]),
        ((3000, 4000), [(800, 1067), (400, 533), (1600, 2133)]),
        ((1000, 750), [(800, 600), (400, 300), (1000, 750)]),
        ((800, 600), [(800, 600), (400, 300)]),
        # Never larger than it was taken.
        ((30, 20), [(30, 20)]),
        ((1, 900), [(1, 900)]),
        ((4000, 1), [(800, 1), (400, 1), (1600, 1)]),
    ],
)
@pytest.mark.parametrize("name", ["mug.jpg", "IMG_0001.JPEG", "mug.png"])
def test_any_size_is_brought_into_the_widths_that_pages_ask_for(folder, name, size, served):
    pictures = made(folder, taken(folder, name, size))
    assert [picture.size for picture in pictures] == served
    assert {picture.format for picture in pictures} == {"WEBP"}
    sizes = photos.sizes(f"photos/{name}", folder)
    assert [(each.width, each.height) for each in sizes] == served


def test_what_a_telephone_took_sideways_stands_upright_and_says_no_place(folder):
    exif = Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    name = taken(folder, "mug.jpg", (2000, 1000), exif=exif)
    picture = made(folder, name)[0]
    assert picture.size == (800, 1600)
    upper, lower = picture.getpixel((400, 100)), picture.getpixel((400, 1500))
    assert upper[0] > 150 > lower[0] and lower[2] > 150 > upper[2]
    assert not picture.getexif()


def test_a_png_can_be_taken_sideways_as_well(folder):
    exif = Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    name = taken(folder, "mug.png", (2000, 1000), exif=exif)
    assert made(folder, name)[0].size == (800, 1600)


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "RGBA", "LA"])
def test_every_kind_of_png_can_be_served(folder, mode):
    picture = made(folder, taken(folder, "mug.png", (900, 600), mode))[0]
    assert picture.size == (800, 533)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_every_kind_of_jpeg_can_be_served(folder, mode):
    assert made(folder, taken(folder, "mug.jpg", (900, 600), mode))[0].mode == "RGB"


def test_what_some_telephones_put_behind_a_jpeg_is_left_out(folder):
    behind = Image.new("RGB", (90, 60))
    name = taken(folder, "two.mpo", (900, 600), save_all=True, append_images=[behind])
    (folder / name).rename(folder / "photos" / "mug.jpg")
    assert made(folder, "photos/mug.jpg")[0].size == (800, 533)


def test_sixteen_bits_of_grey_stay_grey(folder):
    grey = Image.new("I;16", (40, 30), 0x8000)
    grey.save(folder / "photos" / "mug.png")
    assert made(folder, "photos/mug.png")[0].getpixel((5, 5))[0] in range(120, 136)


def test_what_is_transparent_stays_so(folder):
    clear = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    clear.save(folder / "photos" / "mug.png")
    assert made(folder, "photos/mug.png")[0].getchannel("A").getextrema() == (0, 0)


def test_a_picture_of_more_pixels_than_the_library_likes_is_the_owners_own(folder):
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 30_000, 20_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"")
    (folder / "photos" / "wall.png").write_bytes(png)
    assert photos.sizes("photos/wall.png", folder)[0].width == 800


def cut_short(folder: Path) -> None:
    taken(folder, "mug.jpg", (900, 600))
    whole = (folder / "photos" / "mug.jpg").read_bytes()
    (folder / "photos" / "mug.jpg").write_bytes(whole[: len(whole) // 2])


def is_text(folder: Path) -> None:
    (folder / "photos" / "mug.jpg").write_text("a mug")


def is_heic(folder: Path) -> None:
    (folder / "photos" / "mug.jpg").write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40)


def is_a_gif(folder: Path) -> None:
    Image.new("P", (9, 9)).save(folder / "photos" / "mug.jpg", "GIF")


def is_empty(folder: Path) -> None:
    (folder / "photos" / "mug.jpg").write_bytes(b"")


def is_not_there(folder: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut_short, "mug.jpg is damaged"),
        (is_text, "photos/mug.jpg is no JPEG or PNG picture."),
        (is_heic, "photos/mug.jpg is no JPEG or PNG picture."),
        (is_a_gif, "photos/mug.jpg is no JPEG or PNG picture."),
        (is_empty, "photos/mug.jpg is no JPEG or PNG picture."),
        (is_not_there, "photos/mug.jpg is not there."),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(folder, damage: Callable, sentence):
    damage(folder)
    with pytest.raises(NoPhoto, match=sentence):
        made(folder, "photos/mug.jpg")
    assert not list((folder / "kept").rglob("*.webp"))


@pytest.mark.parametrize("damage", [is_text, is_heic, is_a_gif, is_empty, is_not_there])
def test_the_check_says_it_without_any_library(folder, damage: Callable):
    damage(folder)
    assert photos.complaint("photos/mug.jpg", folder) in (
        "is not there",
        "is no JPEG or PNG picture",
    )
    taken(folder, "mug.png", (9, 9))
    assert photos.complaint("photos/mug.png", folder) is None


@pytest.mark.parametrize("name", ["photos/../shop.json", "photos/mug.webp", "photos/a/b.jpg"])
def test_a_name_that_leads_elsewhere_is_refused(folder, name):
    assert "is no name of a photograph" in (photos.complaint(name, folder) or "")


def test_a_replaced_photograph_has_another_address(folder):
    before = photos.sizes(taken(folder, "mug.png", (900, 600)), folder)
    after = photos.sizes(taken(folder, "mug.png", (901, 600)), folder)
    assert not {each.name for each in before} & {each.name for each in after}


def test_a_photograph_is_brought_into_its_sizes_once(folder):
    name = taken(folder, "mug.png", (900, 600))
    made(folder, name)
    (folder / "out").rename(folder / "before")
    kept = {path: path.stat().st_mtime_ns for path in (folder / "kept").rglob("*.webp")}
    made(folder, name)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def with_photo(name: str) -> DemoShop:
    """The demo shop, its first product with another picture."""
    shop = copy.deepcopy(load())
    product = shop.products[0]
    product["images"] = [{"file": name, "alt": {"en": "A car", "zh-CN": "车"}}]
    for variant in product["variants"]:
        variant["image"] = name
    return shop


def test_a_product_may_name_a_photograph_and_the_check_sees_whether_it_is_there(folder):
    with pytest.raises(DemoDataError, match=r"photos/mug.jpg' is not there"):
        check(with_photo("photos/mug.jpg"))


def test_a_new_product_without_a_photograph_is_told_what_to_do(folder):
    shop = copy.deepcopy(load())
    shop.products[0]["id"] = "unheard-of"
    with pytest.raises(images.NoPicture, match=r"is not in pictures\.json: name a photograph"):
        list(images.pictures(shop))

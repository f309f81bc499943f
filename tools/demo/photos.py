"""Photographs of products, as their owner took them, and the sizes in which they are served.

A JPEG or PNG of any size lies in `photos/` beside this module; a product names it as
`photos/<file>`. What is served is made of it: WebP in a few widths, upright, without what cameras
write into a file (place and time), named after the content, so that a replaced photograph is seen
at once although browsers keep pictures for a day.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.demo.data import HERE

if TYPE_CHECKING:
    from PIL import Image

NAME = re.compile(r"photos/[A-Za-z0-9][A-Za-z0-9_.-]*\.(jpe?g|png)", re.I)
# Of a card on a telephone, of the product's own page, and of that on a dense screen. The first
# stands for the picture where only one is named.
WIDTHS = (800, 400, 1600)
QUALITY = 82
# What Pillow calls them. A telephone's JPEG with more pictures behind it is opened by the first.
FORMATS = ("JPEG", "PNG")
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
# Of EXIF's orientation (tag 274) those that lie on their side.
_ORIENTATION, _SIDEWAYS = 274, range(5, 9)


class NoPhoto(ValueError):
    """A file is missing, or is no picture that can be served; the message is one sentence."""


@dataclass(frozen=True)
class Served:
    """One size of a photograph: its name on the site, and its pixels."""

    name: str
    width: int
    height: int


def is_photo(name: str) -> bool:
    """Whether a product's picture is a photograph, by its name."""
    return name.startswith("photos/")


def complaint(name: str, folder: Path = HERE) -> str | None:
    """Why a photograph can't be served, as far as its first bytes show; None where it can."""
    if not NAME.fullmatch(name):
        return "is no name of a photograph: photos/, then letters, digits and .-_, .jpg or .png"
    try:
        with (folder / name).open("rb") as file:
            begin = file.read(16)
    except OSError:
        return "is not there"
    return None if begin.startswith(_BEGINNINGS) else "is no JPEG or PNG picture"


def sizes(name: str, folder: Path = HERE) -> list[Served]:
    """The sizes of a photograph, the usual one first; a small one is not made larger.

    Raises NoPhoto.
    """
    width, height, digest = _facts(folder / name, _changed(folder / name))
    stem = re.sub(r"[^a-z0-9]+", "-", Path(name).stem.lower()).strip("-") or "photo"
    found = {min(wanted, width) for wanted in WIDTHS}
    first = min(WIDTHS[0], width)
    ordered = [first, *sorted(found - {first})]
    return [
        Served(f"images/{stem}-{digest}-{each}.webp", each, max(1, round(height * each / width)))
        for each in ordered
    ]


def write(name: str, out: Path, kept: Path, folder: Path = HERE) -> int:
    """Put all sizes of a photograph below `out`; how many. Raises NoPhoto.

    `kept` remembers what was made once: only a photograph that is new takes time.
    """
    made = sizes(name, folder)
    if not all((kept / each.name).exists() for each in made):
        for each, picture in _resized(folder / name, made):
            target = kept / each.name
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(".new")
            picture.save(fresh, "WEBP", quality=QUALITY, icc_profile=_profile(picture))
            fresh.rename(target)
    for each in made:
        (out / each.name).parent.mkdir(parents=True, exist_ok=True)
        _link(kept / each.name, out / each.name)
    return len(made)


def _link(source: Path, target: Path) -> None:
    """The same file under another name, where the disk can do that."""
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _resized(path: Path, made: list[Served]) -> Iterator[tuple[Served, Image.Image]]:
    from PIL import Image, ImageOps

    with _opened(path) as original:
        try:
            # A large JPEG is read in a smaller scale at once, which saves most of the memory.
            original.draft(None, (2 * max(WIDTHS), 2 * max(WIDTHS)))
            turned = _orientation(original) != 1
            upright = _in_colour(ImageOps.exif_transpose(original) if turned else original)
        except (OSError, SyntaxError, ValueError) as error:
            raise NoPhoto(f"{path.name} is damaged: {error}.") from error
    for each in sorted(made, key=lambda one: one.width, reverse=True):
        upright = upright.resize((each.width, each.height), Image.Resampling.LANCZOS)
        yield each, upright


def _in_colour(picture: Image.Image) -> Image.Image:
    """As the web shows it: red, green, blue, and what is transparent."""
    if picture.mode.startswith("I"):
        # Sixteen bits of grey; what `convert` does would make most of it white.
        return picture.point(lambda value: value / 256).convert("RGB")
    clear = "A" in picture.mode or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")


def _profile(picture: Image.Image) -> bytes | None:
    """The colours that a camera meant: those of inks do not fit what is served."""
    profile = picture.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile[16:20] == b"RGB " else None


def _opened(path: Path) -> Image.Image:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise NoPhoto("Photographs need Pillow, which `make setup` installs.") from None
    # The owner's own file: there is nobody to guard against, and cameras make large ones.
    Image.MAX_IMAGE_PIXELS = None
    try:
        return Image.open(path, formats=FORMATS)
    # The last is what Pillow raises for a header that ends too early.
    except FileNotFoundError:
        raise NoPhoto(f"{path.parent.name}/{path.name} is not there.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        raise NoPhoto(f"{path.parent.name}/{path.name} is no JPEG or PNG picture.") from error


@cache
def _facts(path: Path, changed: int) -> tuple[int, int, str]:
    """Width and height as it is seen, and a digest of the file."""
    with _opened(path) as picture:
        width, height = picture.size
        if _orientation(picture) in _SIDEWAYS:
            width, height = height, width
    return width, height, hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _orientation(picture: Image.Image) -> int:
    """How the camera was held; 1 is upright. Only a PNG whose head says it is asked: what stands
    behind the pixels would have all of them read."""
    if picture.format == "PNG" and "exif" not in picture.info:
        return 1
    return int(picture.getexif().get(_ORIENTATION, 1))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        raise NoPhoto(f"{path.parent.name}/{path.name} is not there.") from None

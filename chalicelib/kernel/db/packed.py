"""Compressed attributes: DynamoDB bills writes by the KB, and JSON is mostly the same few words.

    body = Packed(null=True, words=Path(__file__).with_name("webhook_words.txt"))

`words` is a file of what the text is likely to hold, the likeliest last (zlib's preset dictionary).
What was packed with one is only unpacked with the same: such a file never changes once anything was
written, and who needs another one adds another attribute.
"""

import zlib
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import STRING

_LEVEL = 9
# An item of DynamoDB has 400 KB; what claims to be much more is none of ours.
MOST_BYTES = 4_000_000


class Packed(Attribute[str]):
    """Text, kept compressed, as text again: a third longer than bytes, and whole wherever an item
    is shown (a refused condition, an export, a stream's record)."""

    attr_type = STRING

    def __init__(self, *, words: Path | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._words = words

    def serialize(self, value: str) -> str:
        packer = zlib.compressobj(_LEVEL, zdict=_read(self._words))
        return b64encode(packer.compress(value.encode()) + packer.flush()).decode()

    def deserialize(self, value: str) -> str:
        """Raises ValueError for what was not packed with these words."""
        try:
            unpacker = zlib.decompressobj(zdict=_read(self._words))
            text = unpacker.decompress(b64decode(value, validate=True), MOST_BYTES)
        except zlib.error as error:
            raise ValueError("not packed with these words") from error
        if not unpacker.eof:
            raise ValueError("cut off, or too long")
        return text.decode()


@cache
def _read(words: Path | None) -> bytes:
    return words.read_bytes() if words else b""

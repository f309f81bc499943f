"""What must not stand in a log is taken out of each line, in one place, whoever wrote it.

Errors of libraries and providers carry what they were called with: an address with its key, a
header, a body, a value that did not fit; and an error carries the ones that it came from. So lines
are changed, not calls: by the stage's secrets themselves, as far as this process has read them,
and by the shapes of what opens something or names somebody.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, urlsplit

MARK = "[redacted]"
# Every secret that this process has ever read; a key that was replaced is no less secret.
_read: set[str] = set()
# Shorter ones (`live`, `true`) are words that stand everywhere, and open nothing.
LEAST_CHARACTERS = 8

# Where a word may begin in a line of JSON: a line break before it is `\n` there, whose letter would
# hide the beginning, and a letter beyond ASCII is `\u` and four digits.
_WORD = r"(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4}))"
# Not in the middle of such a sign, which would be cut in two.
_NO_SIGN = r"(?<!\\)(?<!\\u)(?<!\\u[0-9a-f])(?<!\\u[0-9a-f]{2})(?<!\\u[0-9a-f]{3})"

# Each keeps its first group. None runs over a quote or a backslash, but one of a letter: a line
# stays the JSON it is.
_SHAPES = tuple(
    re.compile(pattern.replace("<word>", _WORD))
    for pattern in (
        # An address: its host says enough. Keys stand in paths, queries and before an @.
        r"((?i:<word>[a-z][a-z0-9+.-]{1,20}://))[^\s/?#@\"'\\<>]+@[^\s\"'\\<>]+",
        r"((?i:<word>[a-z][a-z0-9+.-]{1,20}://)[^\s/?#@\"'\\<>]+/)[^\s\"'\\<>]+",
        r"((?i:<word>[a-z][a-z0-9+.-]{1,20}://)[^\s/?#@\"'\\<>]+[?#])[^\s\"'\\<>]+",
        # The same in a form's body.
        r"((?i:<word>https?%3A%2F%2F)[a-z0-9.:-]+)[^\s&\"'\\<>]+",
        # The same as urllib3 tells it: `Max retries exceeded with url: /path?key=…`.
        r"(<word>with url: )[^\s\"'\\<>]+",
        # Headers, and what is called a secret.
        r"((?i:<word>(?:bearer|basic) ))[A-Za-z0-9+/=._~-]{6,}",
        r"((?i:<word>(?:x-)?(?:api[_-]?key|merchant[_-]?api[_-]?key|tron-pro-api-key|client[_-]?secret"
        r"|(?:access|refresh|order)[_-]?token|token|secret|password|passphrase|signature"
        r"|authorization|cookie))(?:\\?[\"'])?(?:=|: ?)(?:\\?[\"'])?)[^\s\"'\\,;&<>)}\]]{4,}",
        # Stripe's keys, tokens of ours and of others, links that open a form.
        r"()<word>(?:sk|rk|whsec)_[A-Za-z0-9_]{6,}",
        r"()<word>(?:pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+",
        r"()<word>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
        # What was given where something else was wanted: pydantic's words, and botocore's.
        r"(<word>input_value=)(?:[^\"\\]|\\.)*?(?=, input_type=)",
        r"(<word>value: )(?:[^\"\\]|\\.)*?(?=, (?:type|valid))",
        # People. Bounded, since it is tried at each letter: a long run of letters, such as a body
        # in base64, took time by the square of its length.
        rf"(){_NO_SIGN}(?:[\w.%+'!#$&*/?^|~-]|\\u[0-9a-f]{{4}}){{1,200}}(?:@|%40)"
        r"(?:[\w-]|\\u[0-9a-f]{4})+(?:\.(?:[\w-]|\\u[0-9a-f]{4})+)+",
    )
)


def remember(values: Iterable[str]) -> None:
    """Secrets that were read just now, so that the log leaves them out."""
    _read.update(values)


def conceal(text: str) -> str:
    """The text without secrets, addresses' paths, and e-mail addresses."""
    for secret in _known(frozenset(_read)):
        text = text.replace(secret, MARK)
    for shape in _SHAPES:
        text = shape.sub(rf"\g<1>{MARK}", text)
    return text


@lru_cache(maxsize=4)
def _known(values: frozenset[str]) -> tuple[str, ...]:
    """All forms in which the stage's secrets may stand somewhere, the longest first."""
    forms: set[str] = set()
    for value in values:
        for part in _parts(value):
            forms |= {part, quote(part, safe=""), json.dumps(part)[1:-1]}
    return tuple(sorted(forms, key=len, reverse=True))


def _parts(value: str) -> Iterator[str]:
    """What of a parameter's value is secret: of an address all behind its host, of JSON its texts,
    of a list each."""
    if value.startswith(("https://", "http://")):
        split = urlsplit(value)
        found = [split.username, split.password, split.query, *split.path.split("/")]
    elif value.startswith(("{", "[")):
        found = re.findall(r'"([^"\\]*)"', value)
    else:
        found = [value, *value.split(",")]
    yield from (each for each in found if each and len(each) >= LEAST_CHARACTERS)

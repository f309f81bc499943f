"""Metadata: the shop's own key-value pairs on an object.  Source: docs.stripe.com/api/metadata."""

from localcloud.sandbox.stripe.errors import BadParameter

Metadata = dict[str, str]
MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


def check(given: Metadata | str | None, param: str) -> None:
    """50 pairs, keys of 40 characters without brackets, values of 500; else BadParameter."""
    if not given or isinstance(given, str):
        return
    if len(given) > MOST_KEYS:
        raise BadParameter(
            f"You can only have up to {MOST_KEYS} metadata keys, got {len(given)}.", param=param
        )
    for key, value in given.items():
        if len(key) > LONGEST_KEY or "[" in key or "]" in key:
            raise BadParameter(
                f"Metadata keys can have up to {LONGEST_KEY} characters and no square brackets."
                f" Invalid key: {key[:60]}",
                param=param,
            )
        if len(value) > LONGEST_VALUE:
            raise BadParameter(
                f"Metadata values can have up to {LONGEST_VALUE} characters, but you passed in a"
                f" value that is {len(value)} characters. Invalid value: {value[:60]}…",
                param=f"{param}[{key}]",
            )


def merged(before: Metadata, given: Metadata | str | None) -> Metadata:
    """`before` with `given` set on it: an empty value unsets its key, "" unsets them all."""
    if isinstance(given, str):
        return {}
    return {key: value for key, value in {**before, **(given or {})}.items() if value}

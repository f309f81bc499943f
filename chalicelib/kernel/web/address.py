"""Where a call comes from: the gateway's word, or our own CDN's, when it proves to be ours.

Behind the CDN the gateway sees the CDN. The CDN writes the shopper's address into a header of its
own, over whatever was sent, and shows a key that nobody else has. Without the key the header is
anybody's and counts for nothing; so does X-Forwarded-For, always.
"""

import ipaddress
from collections.abc import Mapping

from chalicelib.kernel import telemetry
from chalicelib.kernel.parameters import secrets
from chalicelib.kernel.web import security

KEY, VIEWER = "x-cdn-key", "x-cdn-viewer"


def of_call(gateway_says: str, headers: Mapping[str, str]) -> str:
    """The caller's address; `headers` have lower-case names. Never raises."""
    shown, viewer = headers.get(KEY), headers.get(VIEWER)
    if not shown or not viewer or not _is_address(viewer):
        return gateway_says
    return viewer if _is_ours(shown) else gateway_says


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_ours(shown: str) -> bool:
    try:
        known = secrets().get("cdn/key")
    except Exception as error:
        # Counting the CDN as one caller for a while is better than serving nobody.
        telemetry.logger().warning("the CDN's key is out of reach", exc_info=error)
        return False
    return known is not None and security.same(shown, known)

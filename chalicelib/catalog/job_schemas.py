"""Rows of the catalogue's jobs."""

from typing import Literal

from chalicelib.kernel.web.schema import Body, Id


class StatusRow(Body):
    """The status that a product is to have."""

    product_id: Id
    status: Literal["DRAFT", "ACTIVE", "INACTIVE"]

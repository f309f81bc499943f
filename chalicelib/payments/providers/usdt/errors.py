"""What can be wrong with a transaction whose hash a buyer hands in: each its own answer."""

from chalicelib.kernel.errors import Conflict, Invalid


class TransferHashInvalid(Invalid):
    """Not 64 hexadecimal digits: an address, an order's number, half a hash."""

    code = "TRANSFER_HASH_INVALID"


class TransferNotSeen(Conflict):
    """Unknown on this network: it is not in a block yet, or was made on another network."""

    code = "TRANSFER_NOT_SEEN"


class TransferUnconfirmed(Conflict):
    """Another sum than was asked for, and not final yet: it is looked at once it is."""

    code = "TRANSFER_UNCONFIRMED"


class TransferFailed(Conflict):
    """It stands in a block and moved nothing."""

    code = "TRANSFER_FAILED"


class TransferWrongToken(Conflict):
    """It brought the shop's wallet no USDT: another token, the network's own coin, or nothing."""

    code = "TRANSFER_WRONG_TOKEN"


class TransferWrongWallet(Conflict):
    """USDT moved, and not to the shop's wallet."""

    code = "TRANSFER_WRONG_WALLET"


class TransferTooOld(Conflict):
    """Made before there was anything to pay."""

    code = "TRANSFER_TOO_OLD"


class TransferTooLittle(Conflict):
    """So little that it can't be meant to pay this."""

    code = "TRANSFER_TOO_LITTLE"


class TransferUnclear(Conflict):
    """More sums in one transaction than a person would send."""

    code = "TRANSFER_UNCLEAR"

"""What Stripe says about amounts: minor units, least charges, special currencies.

Sources: docs.stripe.com/currencies (zero-decimal list, special cases, minimum charge amounts).
"""

from localcloud.sandbox.stripe.errors import BadParameter

ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
)  # fmt: skip
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
# Written with two decimals for old times' sake, charged in whole units only.
WHOLE_UNITS = frozenset({"ugx", "isk"})
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | WHOLE_UNITS | frozenset(
    """usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd
    cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl
    htg huf idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr
    mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek
    sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd xcg yer zar
    zmw""".split()
)  # fmt: skip
LEAST_CHARGE = {
    "usd": 50, "eur": 50, "aud": 50, "cad": 50, "chf": 50, "sgd": 50, "gbp": 30, "hkd": 400,
    "jpy": 50, "krw": 50, "mxn": 1000, "pln": 200, "sek": 300, "nok": 300, "dkk": 250,
    "czk": 1500, "huf": 17500, "thb": 1000,
}  # fmt: skip
LARGEST_CHARGE = 99_999_999


def decimals(currency: str) -> int:
    """How many of an amount's digits stand behind the decimal point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def check_currency(currency: str, param: str) -> None:
    """Refuse what is not a currency in lower case."""
    if currency not in CURRENCIES:
        raise BadParameter(
            f"Invalid currency: {currency}. Stripe currently supports these currencies:"
            f" {', '.join(sorted(CURRENCIES))}",
            param=param,
        )


def check_unit_amount(amount: int, currency: str, param: str) -> None:
    """Refuse amounts that no coin can pay."""
    if amount < 0:
        raise BadParameter(
            "This value must be greater than or equal to 0.",
            code="parameter_invalid_integer",
            param=param,
        )
    if currency in WHOLE_UNITS and amount % 100:
        raise BadParameter(
            f"Amounts in {currency} must be whole units, written with two decimals: {amount} does"
            " not end in 00.",
            param=param,
        )
    if currency in THREE_DECIMAL and amount % 10:
        raise BadParameter(f"Amounts in {currency} must end in 0, got {amount}.", param=param)


def check_total(total: int, currency: str) -> None:
    """Refuse a sum that is too small or too large to be charged; 0 is no charge and may pass."""
    least = LEAST_CHARGE.get(currency, 1)
    if 0 < total < least:
        raise BadParameter(
            "The Checkout Session's total amount due must add up to at least"
            f" {plain(least, currency)} {currency}",
            code="amount_too_small",
        )
    if total > LARGEST_CHARGE:
        raise BadParameter(
            "The Checkout Session's total amount must be no more than"
            f" {plain(LARGEST_CHARGE, currency)} {currency}",
            code="amount_too_large",
        )


def plain(amount: int, currency: str) -> str:
    """`1999, "usd"` → `19.99`."""
    digits = decimals(currency)
    if not digits:
        return str(amount)
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}d}"

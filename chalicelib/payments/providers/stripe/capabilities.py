"""What Stripe can do, the same for each of its payment methods. Loads none of its library."""

from chalicelib.payments.capabilities import Capabilities

NAME = "stripe"  # of all that goes to Stripe, whatever way to pay it is for
# The least that is charged, in minor units (docs.stripe.com/currencies, minimum charge amounts).
LEAST = {
    **dict.fromkeys("AUD BRL CAD CHF EUR INR JPY KRW NZD SGD USD".split(), 50),
    **dict.fromkeys("AED MYR PLN RON".split(), 200),
    **dict.fromkeys("NOK SEK".split(), 300),
    **dict.fromkeys("MXN THB".split(), 1000),
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
}
# Of one charge: eight digits (docs.stripe.com/currencies); some cards take more, other ways do not.
MOST = 99_999_999
# Currencies of three places: the last digit must be 0 (docs.stripe.com/currencies#three-decimal).
STEPS = dict.fromkeys("BHD JOD KWD OMR TND".split(), 10)

CAPABILITIES = Capabilities(least=LEAST, most=MOST, steps=STEPS, disputes=True, host=NAME)

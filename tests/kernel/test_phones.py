"""Phones as people write them become E.164, or are refused."""

import pytest

from chalicelib.kernel.contact import phones
from chalicelib.kernel.contact.phones import NotAPhone


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("010-12345678", "CN", "+861012345678"),
        ("(415) 555-0123", "US", "+14155550123"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("0176 12345678", "DE", "+4917612345678"),
        ("050 123 4567", "AE", "+971501234567"),
        ("9123 4567", "HK", "+85291234567"),
        ("020 7946 0958", "GB", "+442079460958"),
        # A Chinese number on a parcel to somewhere else.
        ("13812345678", "US", "+8613812345678"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("+44 20 7946 0958", "AQ", "+442079460958"),
    ],
)
def test_a_number_is_read_as_it_is_dialled_in_its_country(typed, country, number):
    assert phones.e164(typed, country) == number
    assert phones.e164(number, country) == number


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        *[(typed, "US") for typed in ("", " ", "1", "555 0100", "call me", "+1 555 0100", "+")],
        *[(typed, "GB") for typed in ("020 7946 0958 ext. 5", "020 7946 0958;ext=5", "999")],
        ("(415) 555-0123", None),
        ("020 7946 0958", None),
        ("+86 138 0013 80001", "CN"),
        ("9" * 60, "CN"),
    ],
)
def test_what_cannot_be_called_is_refused(typed, country):
    with pytest.raises(NotAPhone):
        phones.e164(typed, country)

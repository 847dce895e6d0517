"""Phone numbers as they are given in a country, through the whole program."""

import re

import pytest

from datagen.fields.phone import PLANS
from tests.support.fields import columns, limited, refusal, values
from tests.support.machines import Spec


def phone(**keys: object) -> Spec:
    """Return a field of phone numbers."""
    return {"type": "phone", **keys}


def test_numbers_are_those_of_the_country() -> None:
    """Of all countries: international and national form are of one number, of at most 15 digits (E.164)."""
    fields = [phone(locale=f"xx_{country}") for country in PLANS]
    for (country, plan), found in zip(PLANS.items(), columns(*fields, n=50), strict=True):
        for each in found:
            assert list(each) == ["number", "national", "country_code"]
            assert each["country_code"] == country
            own = each["number"].removeprefix(f"+{plan.code}")
            assert each["national"] == plan.trunk + own
            assert re.fullmatch(plan.mobile, own)
            assert 8 <= len(plan.code + own) <= 15


def test_a_part_is_that_of_the_number() -> None:
    """With `field` nothing but the form of the value changes."""
    whole = values(phone(locale="de_DE"))
    for part in ("number", "national", "country_code"):
        assert values(phone(locale="de_DE", field=part)) == [each[part] for each in whole]


def test_numbers_of_a_set_differ() -> None:
    """With `cardinality` there are so many."""
    assert len(set(values(limited(phone(field="number"), 20), 500))) == 20


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de_de", 'no numbers are known of "de"; did you mean "DE"?'),
        ("DE", 'expected language and country, such as "de_DE", not "DE"'),
    ],
)
def test_bad_phones(locale: str, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0].locale: {said}" in refusal(phone(locale=locale))

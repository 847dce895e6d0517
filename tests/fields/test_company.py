"""Companies whose parts agree, through the whole program."""

import re

import pytest

from datagen.fields import libraries
from tests.support.fields import refusal, values
from tests.support.machines import Spec


def company(**keys: object) -> Spec:
    """Return a field of companies."""
    return {"type": "company", **keys}


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "el_GR"])
def test_addresses_are_made_of_the_name(locale: str) -> None:
    """Each label of a domain is one that may be."""
    found = values(company(locale=locale))
    assert len({each["name"] for each in found}) > 100
    for each in found:
        assert list(each) == ["name", "domain", "email"]
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.example", each["domain"])
        assert each["email"] == f"info@{each['domain']}"
        if each["name"].isascii():
            assert each["domain"][:3] == re.sub("[^a-z0-9]+", "-", each["name"].lower())[:3]


def test_a_part_is_that_of_the_company() -> None:
    """With `field` nothing but the form of the value changes."""
    whole = values(company(locale="de_DE"))
    for part in ("name", "domain", "email"):
        assert values(company(locale="de_DE", field=part)) == [each[part] for each in whole]


def test_bad_companies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is said with its place."""
    where = "emitters[0].dimensions[0]"
    assert f'{where}.locale: no lists are known of "en_GB"' in refusal(company(locale="en_GB"))
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    assert f"{where}.type: needs the library faker: pip install" in refusal(company())

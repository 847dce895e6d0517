"""Identifiers through the whole program: their forms, and check digits that hold."""

import re
from collections import Counter

import pytest
from scipy.stats import chisquare

from datagen.fields.identifiers import COUNTRIES, NETWORKS
from tests.support.fields import columns, limited, refusal, values
from tests.support.machines import Spec

FORMS = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}


def luhn_holds(number: str) -> bool:
    """Tell whether the last digit checks the others, digit by digit."""
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        doubled = digit * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


@pytest.mark.parametrize("bits", [4, 64, 100, 128, 256, 4096])
def test_digests_have_their_bits(bits: int) -> None:
    """Four to a digit; each digit is as likely (chi-squared at seed 5, at the level 1e-6)."""
    found = values({"type": "hash", "bits": bits}, 1000)
    assert {len(each) for each in found} == {bits // 4}
    digits = Counter("".join(found))
    assert chisquare([digits[each] for each in "0123456789abcdef"]).pvalue > 1e-6


def test_few_digests_are_counted() -> None:
    """All of them can be had, and no more."""
    (found,) = columns(limited({"type": "hash", "bits": 4}, 16), n=500)
    assert len(set(found)) == 16
    assert "only 16 different values" in refusal(limited({"type": "hash", "bits": 4}, 17))


@pytest.mark.parametrize(
    ("keys", "form"),
    [
        ({}, "[0-9a-f][048c](:[0-9a-f]{2}){5}"),
        ({"prefix": "00:50:56"}, "00:50:56(:[0-9a-f]{2}){3}"),
        ({"prefix": "02-42AC", "separator": "-"}, "02-42-ac(-[0-9a-f]{2}){3}"),
        ({"prefix": "A1", "separator": ""}, "a1[0-9a-f]{10}"),
    ],
)
def test_addresses_of_cards(keys: Spec, form: str) -> None:
    """With the bytes of a maker, between separators; without, they are of one card, given by its maker."""
    found = values({"type": "mac", **keys}, 500)
    assert all(re.fullmatch(form, each) for each in found)
    assert len(set(found)) == 500


def test_cards_agree_with_their_networks() -> None:
    """Prefix, length and check digit; each network comes as often as it is said to (chi-squared at seed 5, level 1e-6)."""
    cards = values({"type": "credit_card"}, 5000)
    for card in cards:
        ranges, length, _ = NETWORKS[card["network"]]
        number = card["number"]
        assert len(number) == length
        assert luhn_holds(number)
        assert any(low <= int(number[: len(str(low))]) <= high for low, high in ranges)
    counts = Counter(card["network"] for card in cards)
    expected = [5000 * share for _, _, share in NETWORKS.values()]
    assert chisquare([counts[name] for name in NETWORKS], expected).pvalue > 1e-6
    firsts = Counter(card["number"][0] for card in cards if card["network"] == "mastercard")
    assert chisquare([firsts["2"], firsts["5"]]).pvalue > 1e-6


@pytest.mark.parametrize("network", NETWORKS)
def test_parts_of_cards(network: str) -> None:
    """One network alone; a part is what the object has."""
    keys = {"type": "credit_card", "network": network}
    numbers, names = columns({**keys, "field": "number"}, {**keys, "field": "network"})
    assert set(names) == {network}
    assert all(map(luhn_holds, numbers))
    assert len({number[:-1] for number in numbers}) == 200


@pytest.mark.parametrize("country", COUNTRIES)
def test_accounts_have_the_form_of_their_country(country: str) -> None:
    """And their check digits hold: ISO 7064, by the arithmetic of long numbers."""
    parts = re.findall(r"(\d+)([nac])", COUNTRIES[country])
    form = "".join(f"{FORMS[kind]}{{{count}}}" for count, kind in parts)
    for account in values({"type": "iban", "country": country}):
        assert re.fullmatch(country + r"\d\d" + form, account)
        assert 2 <= int(account[2:4]) <= 98
        turned = account[4:] + account[:4]
        assert int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "hash", "bits": 6}, ".bits: expected a multiple of 4 from 4 to 4096, not 6"),
        ({"type": "mac", "prefix": "0:50"}, '.prefix: expected the first one to five bytes, such as 00:50:56, not "0:50"'),
        ({"type": "credit_card", "network": "vsa"}, '.network: no network "vsa"; did you mean "visa"?; there are visa, mastercard, amex, discover'),
        ({"type": "iban", "country": "XX"}, '.country: no country "XX"'),
        ({"type": "sha256"}, '.type: no field type "sha256"; did you mean "hash"?'),
    ],
)  # fmt: skip
def test_bad_identifiers(field: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(field)

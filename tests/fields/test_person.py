"""People whose parts agree, through the whole program."""

from collections import Counter

import pytest
from scipy.stats import chisquare

from datagen.fields import libraries
from datagen.fields.person import PARTS, person_lists
from tests.support.fields import limited, refusal, values
from tests.support.machines import Spec

LOCALES = ("en_US", "de_DE", "ru_RU", "hu_HU", "ja_JP", "pl_PL", "fr_FR", "cs_CZ")


def person(**keys: object) -> Spec:
    """Return a field of people."""
    return {"type": "person", **keys}


@pytest.mark.parametrize("locale", LOCALES)
def test_parts_agree(locale: str) -> None:
    """The name is of both names, the account of their letters, and the address of the account."""
    lists = person_lists(locale)
    assert lists is not None
    women = set(lists.first.values.to_pylist()[: lists.women])
    men = set(lists.first.values.to_pylist()[lists.women :])
    for each in values(person(locale=locale)):
        assert tuple(each) == PARTS
        first, last = each["first_name"], each["last_name"]
        assert each["name"] in (f"{first} {last}", f"{last} {first}")
        assert first in (women if each["gender"] == "female" else men)
        account, _, domain = each["email"].partition("@")
        assert account == each["username"]
        assert domain.startswith("example.")
        assert account.isascii()
        assert account.replace(".", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("locale", "name"),
    [("en_US", "first last"), ("hu_HU", "last first"), ("ja_JP", "last first")],
)
def test_names_have_the_order_of_the_language(locale: str, name: str) -> None:
    """Hungarian and Japanese names begin with that of the family."""
    for each in values(person(locale=locale), 20):
        first, last = each["first_name"], each["last_name"]
        assert each["name"] == name.replace("first", first).replace("last", last)


def test_last_names_are_of_the_gender() -> None:
    """Russian ones of women and men differ."""
    found = values(person(locale="ru_RU"))
    assert {each["last_name"][-1] for each in found if each["gender"] == "female"} <= {*"аяокйих"}
    men = [each["last_name"] for each in found if each["gender"] == "male"]
    assert men
    assert not [name for name in men if name.endswith(("ова", "ева"))]


def test_accounts_are_in_plain_letters() -> None:
    """As the language writes them: an umlaut is two letters."""
    assert libraries.provider_of("internet", "de_DE") is not None
    lists = person_lists("de_DE")
    assert lists is not None
    place = lists.last.values.to_pylist().index("Köhler")
    assert lists.plain_last[place].as_py() == "koehler"


@pytest.mark.statistical
def test_names_come_by_their_frequency() -> None:
    """Chi-squared of last names and first names of the United States, at seed 5, at the level 1e-6."""
    lists = person_lists("en_US")
    assert lists is not None
    found = values(person(), 20_000)
    (last,) = lists.last_lists
    shares = dict(zip(last.texts, (last.weights / last.weights.sum()).tolist(), strict=True))
    common = [name for name, share in shares.items() if share * len(found) > 20]
    counts = Counter(each["last_name"] for each in found)
    observed = [counts[name] for name in common]
    expected = [shares[name] * len(found) for name in common]
    rest = len(found) - sum(observed), len(found) - sum(expected)
    assert len(common) > 50
    assert chisquare([*observed, rest[0]], [*expected, rest[1]]).pvalue > 1e-6
    women = sum(each["gender"] == "female" for each in found)
    assert chisquare([women, len(found) - women]).pvalue > 1e-6


def test_a_part_is_that_of_the_person() -> None:
    """With `field` nothing but the form of the value changes."""
    whole = values(person(locale="de_DE"))
    for part in PARTS:
        assert values(person(locale="de_DE", field=part)) == [each[part] for each in whole]


def test_people_of_a_set_differ() -> None:
    """With `cardinality` all accounts are different ones."""
    assert len(set(values(limited(person(field="email"), 50), 1000))) == 50


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (person(locale="de_DR"), '.locale: no lists are known of "de_DR"; did you mean '),
        (person(locale="is_IS"), '.locale: no names of women and men are known of "is_IS"'),
        (person(locale=7), ".locale: expected a text, not 7"),
        (person(field="age"), ".field: "),
    ],
)
def test_bad_people(field: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(field)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    told = "dimensions[0].type: needs the library faker: pip install 'faker>=40'\n"
    assert told in refusal(person())

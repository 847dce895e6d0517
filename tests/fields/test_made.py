"""What providers of Faker make, through the whole program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.fields import libraries
from tests.support.fields import columns, limited, objects, records, refusal, values
from tests.support.machines import Spec

ROOT = Path(__file__).parent.parent.parent


def faker(provider: str, **keys: object) -> Spec:
    """Return a field of a provider."""
    return {"type": "faker", "provider": provider, "distinct": 300, **keys}


@pytest.mark.parametrize(
    ("provider", "kind"),
    [("job", str), ("http_status_code", int), ("latitude", float), ("boolean", bool)],
)
def test_values_have_the_type_that_the_provider_makes(provider: str, kind: type) -> None:
    """Texts, numbers, and true or false."""
    found = values(faker(provider))
    assert {type(each) for each in found} == {kind}
    assert len(set(found)) > 1


def test_there_are_so_many_values_at_most() -> None:
    """`distinct` is how many are made."""
    assert len(set(values(faker("uuid4", distinct=7), 500))) == 7


def test_what_is_made_often_comes_often() -> None:
    """Among 300 values of one digit each is as likely; of true and false three quarters of one would be seen."""
    found = values(faker("boolean"), 1000)
    assert 350 < found.count(True) < 650


def test_each_field_has_values_of_its_own() -> None:
    """Of its seed and its place alone: another field beside it changes nothing."""
    one, other = columns(faker("uuid4"), faker("uuid4"))
    assert not set(one) & set(other)
    assert columns(faker("uuid4"), faker("word"))[0] == one
    inside = records([{"name": "o", **objects({"name": "x0", **faker("uuid4")})}])
    assert not {each["o"]["x0"] for each in inside} & set(one)


def test_values_of_a_set_differ() -> None:
    """With `cardinality` there are so many."""
    assert len(set(values(limited(faker("uuid4"), 5)))) == 5


def test_values_do_not_depend_on_the_order_of_sets() -> None:
    """Another process, with other hashes, makes the same ones."""
    spec = {
        "interarrival": {"type": "constant", "value": 1},
        "states": [{"name": "s", "emitter": "e", "transitions": [{"next": "stop", "probability": 1}]}],
        "emitters": [{"name": "e", "dimensions": [
            {"name": "a", **faker("job")}, {"name": "b", "type": "person", "locale": "de_DE"},
            {"name": "c", "type": "company"}, {"name": "d", "type": "address"},
        ]}],
    }  # fmt: skip
    outputs = [
        subprocess.run(
            [sys.executable, "generator.py", "-n", "50", "-s", "2027-03-12", "--seed", "1", "-q"],
            cwd=ROOT, input=json.dumps(spec).encode(), capture_output=True, check=True, env={"PYTHONHASHSEED": hashes},
        ).stdout
        for hashes in ("1", "2")
    ]  # fmt: skip
    assert outputs[0].count(b"\n") == 50
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (faker("jbo"), '.provider: Faker has no provider "jbo" in en_US; did you mean "job"?'),
        (faker("date"), ".provider: date depends on today's date, so that no run could be"),
        (faker("ssn", locale="de_AT"), ".provider: ssn depends on today's date"),
        (faker("uuid7"), ".provider: uuid7 depends on today's date"),
        (faker("minguo_year", locale="zh_TW"), ".provider: minguo_year depends on today's date"),
        (faker("color_rgb"), ".provider: color_rgb makes values of type tuple; only texts"),
        (faker("enum"), ".provider: enum of Faker failed: "),
        (faker("job", locale="de_DR"), '.locale: Faker has no locale "de_DR"; did you mean '),
        (faker("job", distinct=0), ".distinct: expected 1 to 100,000, not 0"),
        (faker("job", distinct=100_001), ".distinct: expected 1 to 100,000, not 100001"),
        ({"type": "faker"}, ".provider: missing"),
    ],
)
def test_bad_providers(field: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(field)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    assert ".type: needs the library faker: pip install 'faker>=40'\n" in refusal(faker("job"))

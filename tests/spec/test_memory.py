"""What tables and sets of values take, and that a budget for all of them is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.spec.memory import memory_problems, memory_uses, size_text
from datagen.spec.parsing import parse_spec
from tests.support.entities import run, shop
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec

PICK = {"type": "uniform", "min": 0, "max": 9}
ZIPF: dict[str, Any] = {"type": "zipf", "exponent": 1.1, "n": 1_000_000}
SET: dict[str, Any] = {
    "type": "string",
    "length_distribution": {"type": "constant", "value": 8},
    "cardinality": 100_000,
    "cardinality_distribution": PICK,
}


def spec_of(*fields: dict[str, Any]) -> Spec:
    """Return a specification whose records have these fields."""
    named = [{**each, "name": f"f{place}"} for place, each in enumerate(fields)]
    return {**ENDING, "emitters": [{"name": ENDING["emitters"][0]["name"], "dimensions": named}]}


def test_each_table_and_set_counts_with_its_place() -> None:
    """Those inside others too; what has no table takes nothing."""
    inner = {"type": "object", "dimensions": [{**SET, "name": "inner"}]}
    spec, _ = parse_spec(
        spec_of({"type": "int", "distribution": ZIPF}, inner, {"type": "uuid"}), "f"
    )
    uses = {use.path: (use.kept, use.made) for use in memory_uses(spec)}
    assert uses == {
        ("emitters", 0, "dimensions", 0, "distribution"): (24e6, 44e6),
        ("emitters", 0, "dimensions", 1, "dimensions", 0, "cardinality"): (44e5, 300e5),
    }


def test_each_subprocess_has_sets_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables they share; the place is that in the child's file."""
    monkeypatch.chdir(tmp_path)
    fields = [{**SET, "name": "a"}, {"type": "int", "distribution": ZIPF, "name": "b"}]
    child = [
        {"name": "in", "type": "event:start:message", "next": "do"},
        {"name": "do", "type": "activity", "emitter": "e", "next": "out", "variables": fields},
        {"name": "out", "type": "event:end"},
    ]
    Path("child.json").write_text(json.dumps({"states": child}))
    clock = {"type": "constant", "value": 1}
    states = [
        {"name": "s", "type": "event:start:timer", "cardinality_distribution": clock, "next": "p"},
        {"name": "p", "type": "subprocess:multi_instance", "in": [1, 2], "config": "child.json", "next": "q"},
        {"name": "q", "type": "subprocess", "config": "child.json", "next": "end"},
        {"name": "end", "type": "event:end"},
    ]  # fmt: skip
    emitter = {"name": "e", "dimensions": [{"name": "a", "type": "variable", "variable": "a"}]}
    raw = {"states": states, "emitters": [emitter]}
    spec, _ = parse_spec(raw, "f", None, lambda path: (json.loads(Path(path).read_text()), path))
    variables = ("child.json: states", 1, "variables")
    assert sorted(use.path for use in memory_uses(spec)) == [
        (*variables, 0, "cardinality"),
        (*variables, 0, "cardinality"),
        (*variables, 1, "distribution"),
    ]


def test_delays_count_too() -> None:
    """Wherever a distribution stands."""
    spec, _ = parse_spec({**spec_of(), "interarrival": {**ZIPF, "n": 1000}}, "f")
    assert [use.path for use in memory_uses(spec)] == [("interarrival",)]


def test_delay_of_a_process_has_its_place_in_the_file() -> None:
    """Not that of the states that are merged, and it counts once."""
    timer = {
        "name": "t",
        "type": "event:intermediate:timer",
        "next": "e",
        "cardinality_distribution": {**ZIPF, "n": 1000},
    }
    states = [
        {"name": "s", "type": "event:start:timer", "next": "a", "cardinality_distribution": {"type": "constant", "value": 1}},
        {"name": "a", "type": "activity", "emitter": "x", "next": "t"}, timer, {"name": "e", "type": "event:end"},
    ]  # fmt: skip
    spec, _ = parse_spec({"states": states, "emitters": [{"name": "x", "dimensions": []}]}, "f")
    assert [use.path for use in memory_uses(spec)] == [("states", 2, "cardinality_distribution")]


def test_sum_is_what_is_kept_and_the_most_that_making_one_takes() -> None:
    """One is made after the other; the greatest parts are named."""
    spec, _ = parse_spec(spec_of(*[{"type": "int", "distribution": ZIPF}] * 4), "f")
    assert not list(memory_problems(spec, 4 * 24_000_000 + 20_000_000, "f"))
    (problem,) = memory_problems(spec, 4 * 24_000_000 + 19_999_999, "f")
    assert str(problem) == (
        "f: tables and sets of values would take about 116 MB, more than --memory 116 MB: "
        "emitters[0].dimensions[0].distribution 44 MB, emitters[0].dimensions[1].distribution 44 MB, "
        "emitters[0].dimensions[2].distribution 44 MB, and 1 more"
    )


def test_budget_is_that_of_the_flag() -> None:
    """The default is 1 GB, which eight tables of the greatest size go beyond."""
    spec = spec_of(*[{"type": "int", "distribution": {**ZIPF, "n": 10_000_000}}] * 8)
    outcome = invoke("--validate", spec=spec)
    assert outcome.status == 1
    assert "would take about 2.12 GB, more than --memory 1 GB" in outcome.err
    small = spec_of(SET)
    assert invoke("-n", "3", "-s", "2027-03-12", "--memory", "29M", spec=small).status == 1
    assert invoke("-n", "3", "-s", "2027-03-12", "--memory", "30MB", spec=small).status == 0


@pytest.mark.parametrize(
    ("size", "text"), [(999, "999 B"), (1500, "1.5 kB"), (116e6, "116 MB"), (2.5e9, "2.5 GB")]
)
def test_size_has_a_unit(size: float, text: str) -> None:
    """In thousands."""
    assert size_text(size) == text


def test_tables_count_towards_the_budget() -> None:
    """Their texts as they are, and what it takes to find rows by their keys."""
    rows = [{"k": n, "text": "x" * 1000} for n in range(1000)]
    spec = {**ENDING, "tables": {"t": {"rows": rows, "key": "k"}}}
    [use] = [each for each in memory_uses(parse_spec(spec, "x")[0]) if each.path == ("tables", "t")]
    assert 1_000_000 < use.kept < use.made < 10_000_000


def test_weights_of_entities_count() -> None:
    """A pick by zipf has as many as there are members, whether the pool or a field asks for it."""
    zipf = {"type": "zipf", "exponent": 1}
    pool = {"count": 5_000_000, "pick": zipf, "attributes": []}
    field = {"name": "x", "type": "entity", "entity": "others", "pick": zipf}
    outcome = run(shop([field], users=pool, others={**pool, "pick": "each"}), 1, "--memory", "100M")
    assert outcome.status == 1
    assert "entities.users.pick 220 MB" in outcome.err
    assert "emitters[0].dimensions[0].pick 220 MB" in outcome.err


@pytest.mark.parametrize(
    ("life", "living"),
    [
        ("10D", 1_000_000),
        ("100D", 5_000_000),
        ({"type": "pareto", "min": 1, "alpha": 0.5}, 1_000_000),
    ],
)
def test_living_members_count(life: Any, living: int) -> None:
    """As many as there are at the start, or later on where these are more; what never settles counts as at the start."""
    count = {"initial": 1_000_000, "per_day": 50_000}
    entities = {"users": {"count": count, "life": life, "attributes": []}}
    uses = list(memory_uses(parse_spec({**ENDING, "entities": entities}, "x")[0]))
    assert [use.path for use in uses] == [("entities", "users", "life")]
    assert (uses[0].kept, uses[0].made) == (8 * living, 16 * living)

"""Variables that templates make of others, over windows of any length."""

import io
import json
from typing import Any

import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.instants import parse_instant
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.simulation.build import build_machine
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke
from tests.support.machines import Spec, exponential

START = "2027-03-12"


def enum(*options: Any) -> Spec:
    """Return an `enum` field whose values are as likely."""
    pick = {"type": "uniform", "min": 0, "max": len(options) - 1}
    return {"type": "enum", "values": list(options), "cardinality_distribution": pick}


def template(text: str, **keys: Any) -> Spec:
    """Return a variable that is a template."""
    return {"type": "variable:template", "template": text, **keys}


def state(name: str, nexts: dict[str, float], **variables: Spec) -> Spec:
    """Return a state of a second on average that shows all variables."""
    return {
        "name": name, "emitter": "all", "delay": exponential(1),
        "variables": [{"name": variable, **field} for variable, field in variables.items()],
        "transitions": [{"next": each, "probability": chance} for each, chance in nexts.items()],
    }  # fmt: skip


STATES = [
    state("a", {"b": 0.6, "c": 0.4}, who={"type": "uuid"}, x=enum("p", "q"),
          chain=template("{{ x }}-{{ n }}"), n={"type": "counter"}),
    state("b", {"b": 0.3, "c": 0.3, "d": 0.4}, x=enum(1, 2.5, None), n={"type": "counter"}),
    state("c", {"d": 0.5, "b": 0.3, "stop": 0.2}, link=template("<{{ chain }}|{{ x }}>", percent_nulls=20),
          grows=template("{{ grows }}{{ x }}"), one=template("{{ two }}!{{ chain }}"),
          two=template("{{ (one or '')[-9:] }}{{ n }}")),
    state("d", {"b": 0.5, "stop": 0.5}, x=template("{{ x }}/{{ link }}"), link=enum("plain", {"a": 1})),
]  # fmt: skip
NAMES = ["who", "x", "n", "chain", "link", "grows", "one", "two"]
SPEC: Spec = {
    "states": STATES,
    "emitters": [{"name": "all", "dimensions": [
        {"name": "state", **template("{{ x|length if x is string else x }}")},
        *({"name": each, "type": "variable", "variable": each} for each in NAMES),
    ]}],
    "interarrival": exponential(0.5),
}  # fmt: skip


ACYCLIC: Spec = {**SPEC, "states": [
    *STATES[:2],
    state("c", {"d": 0.5, "b": 0.3, "stop": 0.2}, link=template("<{{ chain }}|{{ x }}>", percent_nulls=20),
          one=template("{{ link }}!{{ chain }}"), chain=template("{{ n }}"),
          two=template("{{ chain }}{{ one }}", percent_missing=10), grows=enum("g")),
    state("d", {"b": 0.5, "stop": 0.5}, link=enum("plain", {"a": 1}), x=enum(7), who={"type": "uuid"}),
]}  # fmt: skip


def written(window: int | None, n: int = 700, spec: Spec = SPEC) -> bytes:
    """Return what a run writes whose windows hold about so many visits."""

    def force(pool: Pool) -> None:
        if window is not None:
            pool.span, pool.window_size = window * 200_000, window

    plan = Plan(parse_spec(spec, "test.json")[0], "test.json", StdoutTarget(), JsonLines(),
                parse_instant(START), 3, 20, max_records=n)  # fmt: skip
    out = io.BytesIO()
    Run(plan, force).deliver(out, Interruption())
    return out.getvalue()


def text(value: Any) -> str:
    """Return what a template writes of a value."""
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    return "" if value is None else str(value)


LONG = [pytest.param(window, marks=pytest.mark.long) for window in (1, 2)]


@pytest.mark.parametrize("window", [*LONG, 7, 60, 5000])
def test_windows_do_not_matter(window: int) -> None:
    """Whether a text was set in this window or long before, and its inputs overwritten since."""
    for spec in (SPEC, ACYCLIC):
        assert written(window, spec=spec) == written(None, spec=spec)


def test_order_of_templates() -> None:
    """Each after those that it is made of; those that no such order has are told apart."""
    machine = build_machine(parse_spec(ACYCLIC, "test.json")[0], 1)
    assert [each.variables for each in machine.computations] == [
        ("chain",), ("link",), ("one",), ("two",)]  # fmt: skip
    assert not any(each.circle for each in machine.computations)
    machine = build_machine(parse_spec(SPEC, "test.json")[0], 1)
    assert {name: each.circle for each in machine.computations for name in each.variables} == {
        "x": True, "chain": True, "link": True, "grows": True, "one": True, "two": True,
    }  # fmt: skip


def test_each_text_is_made_of_what_was_held_then() -> None:
    """Chains, overwritten inputs, circles, a template in one state and a draw in another: one by one."""
    held: dict[str, dict[str, Any]] = {}
    seen = set()
    for line in written(None).splitlines():
        record = json.loads(line)
        before = held.get(record["who"], dict.fromkeys(NAMES))
        for name, made in expected(before, record).items():
            assert record[name] == made, (name, before, record)
            seen.add(name)
        held[record["who"]] = record
    assert seen == {"x", "chain", "link", "grows", "one", "two"}


def expected(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Return the texts that the state of a record has set, told by what changed."""
    old = {name: text(value) for name, value in before.items()}
    if before["who"] is None:  # a: n is set later in the list, nothing is remembered
        return {"chain": f"{text(now['x'])}-"}
    if now["two"] != before["two"]:  # c
        one = f"{old['two']}!{old['chain']}"
        made = {"grows": old["grows"] + old["x"], "one": one, "two": one[-9:] + old["n"]}
        return made if now["link"] is None else made | {"link": f"<{old['chain']}|{old['x']}>"}
    if now["link"] in ("plain", {"a": 1}) and "/" in text(now["x"]):  # d, or nothing since
        same = now["x"] == before["x"]
        return {} if same else {"x": f"{old['x']}/{old['link']}"}
    return {name: before[name] for name in ("chain", "grows", "one", "two")}


def test_resumed_run_continues_the_texts(tmp_path: Any) -> None:
    """The texts are part of a checkpoint."""
    spec = {**SPEC, "target": {"type": "file", "path": str(tmp_path / "out")}}
    flags = ("-s", START, "--seed", "3", "-m", "20", "--resume", str(tmp_path / "at"))
    for until in ("00:00:20", "00:00:25", "00:01:30"):
        assert invoke(*flags, "--until", f"{START}T{until}", spec=spec).status == 0
    made = (tmp_path / "out").read_bytes()
    assert made == written(None, made.count(b"\n"))
    assert made.count(b"\n") > 500

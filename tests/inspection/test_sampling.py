"""Some records of every emitter."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from datagen.formats import FORMATS
from datagen.inspection.observing import Observation
from datagen.inspection.sampling import COMPLETE, ENDED, RARE, UNREACHABLE, Samples, sample
from datagen.instants import SECOND
from datagen.lookup import bare_names
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.spec.parsing import parse_spec
from tests.running.test_plan import NOW, plan
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential

RARELY = 1e-9


def spec_with(seldom: float = 0.1, **keys: Any) -> Spec:
    """Return a specification whose emitter `seldom` comes as often as that, and `never` not at all."""

    def state(name: str, nexts: dict[str, float]) -> Spec:
        ways = [{"next": other, "probability": chance} for other, chance in nexts.items()]
        return {"name": name, "emitter": name, "delay": exponential(1), "transitions": ways}

    states = [
        state("often", {"seldom": seldom, "often": 1 - seldom}),
        state("seldom", {"stop": 1}),
        state("never", {"stop": 1}),
    ]
    emitters = [{"name": each["name"], "dimensions": [
        {"type": "counter", "name": f"n_{each['name']}"}]} for each in states]  # fmt: skip
    return {"states": states, "emitters": emitters, "interarrival": constant(1), **keys}


def sampled(
    spec: Spec, asked: int = 3, clock: Callable[[], float] = lambda: 0.0, **keys: Any
) -> Samples:
    """Return samples of a specification in a plan with these keys."""
    made = plan(spec=parse_spec(spec, "test.json")[0], **keys)
    return sample(Observation(made), made.start_at(NOW), asked, clock=clock)


def test_samples_are_the_first_records_of_each_emitter() -> None:
    """As a run writes them, byte for byte; each emitter in the order of the specification."""
    loaded, _ = load(Request(config="payments", start="2027-03-12"), 1)
    found = sample(Observation(loaded), loaded.start_at(NOW), 4)
    out = invoke(
        "-c", "payments", "-s", "2027-03-12", "--seed", "1", "-n", str(found.looked_at)
    ).out
    for each in found.emitters:
        assert len(each.records) == 4
        assert each.why == COMPLETE
    lines = out.decode().splitlines()
    places = [[lines.index(text) for text in each.records] for each in found.emitters]
    assert all(each == sorted(each) for each in places)
    assert min(map(min, places)) == 0
    assert [each.emitter for each in found.emitters] == [e.name for e in loaded.spec.emitters]  # type: ignore[attr-defined]


def test_an_emitter_that_no_worker_can_come_to_is_not_waited_for() -> None:
    """It is known from the states alone."""
    often, seldom, never = sampled(spec_with()).emitters
    assert (often.why, seldom.why, never.why) == (COMPLETE, COMPLETE, UNREACHABLE)
    assert len(never.records) == 0


def test_a_rare_emitter_is_waited_for_ten_seconds() -> None:
    """On a clock that is handed in."""
    seconds = iter(range(100))
    found = sampled(spec_with(RARELY), clock=lambda: float(next(seconds)))
    often, seldom, _ = found.emitters
    assert (often.why, seldom.why, seldom.records) == (COMPLETE, RARE, [])
    assert found.seconds >= 10
    assert found.looked_at > 1000
    assert found.reached is not None


def test_limits_end_the_samples() -> None:
    """As they end the run; a limit of no records too."""
    often, seldom, _ = sampled(spec_with(RARELY), duration=2 * SECOND, asked=50).emitters
    assert 0 < len(often.records) < 50
    assert often.why == ENDED
    assert (seldom.records, seldom.why) == ([], ENDED)
    assert sampled(spec_with(), max_records=0).emitters[0].why == ENDED


@pytest.mark.parametrize("size", [1, 5, 200])
def test_more_samples_begin_with_the_fewer(size: int) -> None:
    """Whatever the windows."""
    few, many = sampled(spec_with(), size), sampled(spec_with(), 300)
    for one, other in zip(few.emitters, many.emitters, strict=True):
        assert one.records == other.records[:size]


def test_no_more_records_are_looked_at_than_asked_for() -> None:
    """But for those of the window that has begun: what was not there by then is rare."""
    made = plan(spec=parse_spec(spec_with(RARELY), "test.json")[0])
    found = sample(Observation(made), made.start_at(NOW), 3, clock=lambda: 0.0, most=100)
    assert [each.why for each in found.emitters] == [COMPLETE, RARE, UNREACHABLE]
    assert 100 <= found.looked_at < 10_000


def test_format_is_that_of_the_run_where_it_is_text() -> None:
    """With the header of a file, which comes once."""
    found = sampled(spec_with(), format_override=FORMATS.parse({"type": "csv"}))
    assert found.header == "time,n_often,n_seldom,n_never"
    assert found.emitters[0].records[0] == "2027-03-12T00:00:00.000+01:00,0,,"
    assert found.instead_of is None


@pytest.mark.parametrize("kind", ["parquet", "avro"])
def test_columns_and_binary_records_are_shown_as_json(kind: str) -> None:
    """Nobody reads them otherwise."""
    found = sampled(spec_with(), format_override=FORMATS.parse({"type": kind}))
    assert found.instead_of == kind
    assert json.loads(found.emitters[0].records[0])["n_often"] == 0


def test_numbers_of_events_are_those_of_the_stream() -> None:
    """Counted over all emitters, from 0."""
    shown = FORMATS.parse({"type": "pattern", "pattern": "{@event}"})
    found = sampled(spec_with(), 20, format_override=shown)
    numbers = [int(text) for each in found.emitters for text in each.records]
    assert len(set(numbers)) == 40
    assert min(numbers) == 0
    whole = invoke("-s", "2027-03-12", "-n", str(max(numbers) + 1), "--seed", "1", spec=spec_with())
    for emitter in found.emitters[:2]:
        for text in emitter.records:
            assert f"n_{emitter.emitter}" in whole.records[int(text)]


def test_a_replay_has_one_emitter(tmp_path: Any) -> None:
    """Named after its source."""
    file = tmp_path / "log.jsonl"
    file.write_text("".join(f'{{"t": "2027-03-12T00:00:0{n}", "n": {n}}}\n' for n in range(5)))
    replay = {"type": "replay", "source_file": str(file), "time_field": "t"}
    (tmp_path / "r.json").write_text(json.dumps(replay))
    loaded, _ = load(Request(config=str(tmp_path / "r.json"), start="2027-03-12"), 1)
    found = sample(Observation(loaded), loaded.start_at(NOW), 2)
    assert [(each.emitter, len(each.records)) for each in found.emitters] == [("log", 2)]


def test_record_that_cannot_be_written_ends_it() -> None:
    """With the error of the run."""
    spec = spec_with(templates={"t": {"body": "{{ 1 / 0 }}"}})
    with pytest.raises(Exception, match="division"):
        sampled(spec, format_override=FORMATS.parse({"type": "template", "name": "t"}))


@pytest.mark.long
@pytest.mark.parametrize("preset", bare_names("gen"))
def test_every_emitter_of_a_preset_is_seen(preset: str) -> None:
    """Long before anybody loses patience."""
    loaded, _ = load(Request(config=preset, start="2027-03-12", max_workers="none"), 1)
    found = sample(Observation(loaded), loaded.start_at(NOW), 3)
    assert [
        (each.emitter, len(each.records)) for each in found.emitters if each.why != COMPLETE
    ] == []

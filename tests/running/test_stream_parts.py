"""What parts of a stream share is checked before one of them begins."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.curves.curve import CURVES
from datagen.distributions.continuous import Constant
from datagen.errors import UsageError
from datagen.part import WHOLE, Part
from datagen.running.options import Request
from datagen.running.stream_parts import (
    check_cap,
    check_stream,
    counter_mistakes,
    described_part,
)
from datagen.spec.parsing import parse_spec
from datagen.spec.populations import Arrivals
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec, constant, exponential, spec_of

STILL: Spec = {"name": "n", "type": "counter", "increment": 0}
NESTED: Spec = {"name": "tags", "type": "list", "elements": [STILL], "length_distribution": constant(1), "selection_distribution": constant(0)}  # fmt: skip
FLAGS = ("-s", "2027-03-12", "--seed", "1", "-q", "-n", "3")


def counting(*fields: Spec) -> Spec:
    """Return a specification with these fields."""
    return spec_of({"a": (constant(1), {"stop": 1})}, exponential(1), list(fields))


@pytest.mark.parametrize(
    ("field", "path"),
    [
        (STILL, ("emitters", 0, "dimensions", 0, "increment")),
        (NESTED, ("emitters", 0, "dimensions", 0, "elements", 0, "increment")),
    ],
)
def test_counter_that_stands_still_cannot_be_divided(field: Spec, path: tuple[Any, ...]) -> None:
    """All parts would count the same; the whole may have it."""
    spec, _ = parse_spec(counting(field), "test.json")
    text = "is 0, so that all parts of --part 1/2 would count the same; leave out --part"
    assert list(counter_mistakes(spec, Part(1, 2))) == [(path, text)]
    assert list(counter_mistakes(spec, WHOLE)) == []
    refused = invoke(*FLAGS, "--part", "1/2", spec=counting(field))
    assert refused.status == 1
    assert refused.err.endswith(f"increment: {text}\n")
    assert invoke(*FLAGS, "--part", "0/1", spec=counting(field)).status == 0


def test_counter_among_variables_is_found() -> None:
    """In the words of the file."""
    spec = counting({"name": "n", "type": "variable", "variable": "n"})
    spec["states"][0]["variables"] = [STILL]
    refused = invoke(*FLAGS, "--part", "1/2", spec=spec)
    assert "stdin: states[0].variables[0].increment: is 0, so that" in refused.err


UNNAMED = Arrivals(None, "a", Constant(value=1))
HALF = CURVES.parse({"type": "constant", "value": 0.055})


@pytest.mark.parametrize(
    ("asked", "most", "schedule", "text"),
    [
        (7, 7, None, "-m 7 is less than a worker for each of the 8 parts; use -m 8 or more, or fewer parts"),
        (None, 5, None, "-m 5, the default, is less than a worker for each of the 8 parts; use -m 8 or more, or fewer parts"),
        (100, 100, HALF, "-m 100 lowered by the schedule to at most 5 is less than a worker for each of the 8 parts; use -m 160 or more, or fewer parts"),
    ],
)  # fmt: skip
def test_each_part_needs_a_place(asked: int | None, most: int, schedule: Any, text: str) -> None:
    """Else it would wait for ever; the remedy is one."""
    request = Request(max_workers=asked, part=Part(7, 8))
    with pytest.raises(UsageError) as raised:
        check_cap(request, most, UNNAMED, schedule)
    assert str(raised.value) == f"--part 7/8: {text}"
    check_cap(request, 160 if schedule else 8, UNNAMED, schedule)


def test_arrivals_that_a_curve_slows_need_no_more_places() -> None:
    """It lowers no cap."""
    arrivals = CURVES.parse({"type": "constant", "value": 0.01, "applies_to": "arrivals"})
    check_cap(Request(part=Part(7, 8)), 8, UNNAMED, arrivals)


def test_factor_lowers_the_limit_for_a_time_only() -> None:
    """What the limit is on other days is enough for the parts; a product is as low as its profile."""
    dates: Spec = {"type": "dates", "dates": {"2027-12-24": 0}}
    check_cap(Request(part=Part(7, 8)), 8, UNNAMED, CURVES.parse(dates))
    low = CURVES.parse({"type": "product", "curves": [dates, {"type": "constant", "value": 0.5}]})
    with pytest.raises(UsageError, match="lowered by the schedule to at most 4 is less than"):
        check_cap(Request(part=Part(7, 8)), 8, UNNAMED, low)


def test_replay_needs_no_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever -m says."""
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("t\n1\n2\n3\n4\n")
    spec = {
        "type": "replay",
        "source_file": "x.csv",
        "time_field": "t",
        "time_format": "seconds",
        "loop": False,
    }
    flags = ("-s", "2027-03-12", "--seed", "1", "-q")
    found = [invoke(*flags, "--part", f"{n}/300", spec=spec).records for n in (1, 4)]
    assert [len(each) for each in found] == [1, 0]


def test_new_part_needs_what_all_parts_have_in_common() -> None:
    """A seed; and a start that is the same whenever a part is started."""
    with pytest.raises(UsageError, match="--part 1/2 needs --seed, the same for all parts"):
        list(check_stream(Request(start="2027-03-12", part=Part(1, 2))))
    for start, flag in ((None, "without -s"), ("now", "-s now"), ("NOW-1H", "-s NOW-1H")):
        [text] = check_stream(Request(start=start, seed=1, part=Part(1, 2)))
        assert text.startswith(f"--part 1/2 {flag}: each part begins when it is started")
    for start in ("2027-03-12", "today", "yesterday+1H"):
        assert list(check_stream(Request(start=start, seed=1, part=Part(1, 2)))) == []
    assert list(check_stream(Request())) == []


def test_check_of_files_needs_no_seed() -> None:
    """It makes no record; and it says what the part is."""
    outcome = invoke("--part", "1/3", "--validate", "-v", spec=ENDING)
    assert outcome.status == 0
    assert "part 1/3: workers 1, 4, 7, ...; at most 33 of -m 100 alive at once\n" in outcome.err


def test_part_is_described() -> None:
    """By what it has, and how many places."""
    spec, _ = parse_spec(ENDING, "test.json")
    assert described_part(Part(0, 2), spec, None) == "part 0/2: workers 0, 2, 4, ..."
    assert described_part(Part(0, 2), spec, 5).endswith("at most 3 of -m 5 alive at once")


def test_summary_counts_the_workers_of_the_part(tmp_path: Path) -> None:
    """Not those of others, whose numbers lie between."""
    workers = []
    for index in range(3):
        file = tmp_path / str(index)
        flags = ("-s", "2027-03-12", "--seed", "1", "-m", "none", "-r", "1M")
        assert (
            invoke(*flags, "--part", f"{index}/3", "--summary", str(file), spec=ENDING).status == 0
        )
        workers.append(json.loads(file.read_text())["workers"])
    assert invoke(*flags, "--summary", str(file), spec=ENDING).status == 0
    assert sum(workers) == json.loads(file.read_text())["workers"]
    assert max(workers) - min(workers) <= 1

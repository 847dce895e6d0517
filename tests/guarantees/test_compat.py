"""Specifications from the field run unchanged, where the folder with them lies beside the project."""

import json
from pathlib import Path

import pytest

from tests.support.helpers import invoke
from tests.support.lives import waits_first

OLD_WORDS = (
    "static", "generator:int", "generator:enum", "generator:ipaddress", "generator:clock",
    "timer", "variables_on_entry",
)  # fmt: skip


def needs_others(file: Path) -> bool:
    """Return whether a file holds subprocesses, or is one."""
    text = file.read_text(encoding="utf-8")
    return '"subprocess' in text or '"event:start:message"' in text


FOLDER = Path(__file__).parents[3] / "shared" / "compat"
FILES = sorted((FOLDER / "classic").glob("*.json"))
PROCESSES = [file for file in sorted((FOLDER / "bpmn").glob("*.json"))
             if b'"states"' in file.read_bytes()]  # fmt: skip


@pytest.fixture(params=[10_000, pytest.param(100_000, marks=pytest.mark.long)])
def size(request: pytest.FixtureRequest) -> int:
    """Return how many records are made."""
    records: int = request.param
    return records


@pytest.mark.skipif(not FILES, reason="no specifications from the field beside the project")
@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_specification_from_the_field(file: Path) -> None:
    """It validates and makes 10,000 records, with the fields that it names, in order."""
    assert invoke("-c", str(file), "--validate").status == 0
    outcome = invoke("-c", str(file), "-n", "10000", "-s", "2027-03-12", "--seed", "1")
    assert outcome.status == 0
    spec = json.loads(file.read_text(encoding="utf-8"))
    named = [
        ["time", *(each["name"] for each in emitter["dimensions"])] for emitter in spec["emitters"]
    ]
    optional = {
        each["name"]
        for emitter in spec["emitters"]
        for each in emitter["dimensions"]
        if each.get("percent_missing")
    }
    records = outcome.records
    assert len(records) == 10_000
    for record in records:
        assert any([name for name in names if name in record] == list(record) for names in named)
        assert any(set(names) - set(record) <= optional for names in named)


@pytest.mark.skipif(not PROCESSES, reason="no specifications from the field beside the project")
@pytest.mark.parametrize("file", PROCESSES, ids=lambda file: str(file.stem))
def test_process_from_the_field(file: Path, size: int) -> None:
    """It validates and makes so many records: the fields that it names and no other, in order of time."""
    assert invoke("-c", str(file), "--validate").status == 0
    outcome = invoke("-c", str(file), "-n", str(size), "-s", "2025-01-01", "--seed", "1")
    assert outcome.status == 0
    (emitter,) = json.loads(file.read_text(encoding="utf-8"))["emitters"]
    records = outcome.records
    assert len(records) == size
    names = [each["name"] for each in emitter["dimensions"]]
    assert {tuple(record) for record in records} == {tuple(names)}
    instant = next(each for each in ("time", "end") if each in names)
    times = [record[instant] for record in records]
    assert times == sorted(times)
    assert all(len(time) == 29 and time.endswith("+00:00") for time in times[:1000])


TEMPLATES = [
    (file, name)
    for file in PROCESSES
    for name in json.loads(file.read_bytes()).get("templates", {})
]


@pytest.mark.skipif(not TEMPLATES, reason="no specifications from the field beside the project")
@pytest.mark.parametrize(
    ("file", "name"), TEMPLATES, ids=[f"{file.stem}-{name}" for file, name in TEMPLATES]
)
def test_template_from_the_field(file: Path, name: str, size: int) -> None:
    """It goes as columns, and writes so many lines under its header, if it has one."""
    checked = invoke("-c", str(file), "--validate", "-v")
    assert f"template {name}: as columns\n" in checked.err
    outcome = invoke(
        "-c",
        str(file),
        "--template",
        name,
        "-n",
        str(size),
        "-s",
        "2025-01-01",
        "--seed",
        "1",
        "-q",
    )
    assert outcome.status == 0
    header = json.loads(file.read_bytes())["templates"][name].get("header")
    lines = outcome.out.decode().splitlines()
    assert lines[:1] == [header] if header else not lines[0].startswith("#")
    assert len(lines) == size + bool(header)
    assert not any("{{" in line or "{%" in line for line in lines[:1000])


HISTORY = FOLDER / "history"
NEWEST = sorted((FOLDER / "newest" / "presets" / "configs").glob("*.json"))
OLD = [file for file in [*sorted(HISTORY.glob("*.json")), *NEWEST] if not needs_others(file)]


@pytest.mark.skipif(not OLD, reason="no specifications from the field beside the project")
@pytest.mark.parametrize(
    ("file", "workers"),
    [
        pytest.param(
            file, workers, id=f"{file.stem}-{workers}",
            marks=() if workers == "100" and place % 3 == 0 else pytest.mark.long,
        )
        for place, file in enumerate(OLD)
        for workers in ("1", "100", "1000")
    ],
)  # fmt: skip
def test_file_of_an_older_program(file: Path, workers: str) -> None:
    """It validates, each old word in a line, and makes 5,000 records of all fields that it names."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    checked = invoke("-c", str(file), "--validate", "-v")
    assert checked.status == 0
    used = {word for word in OLD_WORDS if f'"{word}"' in file.read_text(encoding="utf-8")}
    assert ("waits before the record" in checked.err) is (
        "type" not in raw["states"][0] and waits_first(raw)
    )
    assert {word for word in OLD_WORDS if f'"{word}" is' in checked.err} == used
    outcome = invoke(
        "-c", str(file), "-n", "5000", "-m", workers, "-s", "2027-03-12", "--seed", "1", "-q"
    )
    assert outcome.status == 0
    named = [[each["name"] for each in emitter["dimensions"]] for emitter in raw["emitters"]]
    records = outcome.records
    assert len(records) == 5_000
    placed = "variables_on_entry" in json.dumps(raw) or "type" in raw["states"][0]
    allowed = {tuple(names if placed or "time" in names else ["time", *names]) for names in named}
    assert {tuple(record) for record in records} <= allowed
    if all("time" in names for names in named):
        times = [record["time"] for record in records]
        assert times == sorted(times)
        assert all(len(time) == 29 and time.endswith("+00:00") for time in times[:500])


@pytest.mark.long
@pytest.mark.skipif(not OLD, reason="no specifications from the field beside the project")
@pytest.mark.parametrize("file", OLD, ids=lambda file: str(file.stem))
def test_templates_of_an_older_program(file: Path) -> None:
    """Also by `-t NAME`; each writes a line for each record, under its header."""
    arguments = ("-c", str(file), "-n", "50", "-s", "2027-03-12", "--seed", "1", "-q")
    for name, template in json.loads(file.read_bytes()).get("templates", {}).items():
        outcome = invoke(*arguments, "-t", name)
        assert outcome.status == 0, outcome.err
        assert len(outcome.out.decode().splitlines()) == 50 + bool(template.get("header"))

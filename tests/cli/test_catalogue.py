"""What is printed without a specification, to stdout and with nothing on stderr."""

import io
import json
from pathlib import Path

import pytest

import generator
from datagen.cli.catalogue import presets
from datagen.lookup import bare_names
from tests.support.helpers import invoke

PRINTING = [
    ("--presets",),
    ("--json-schema",),
    ("--json-schema", "target"),
    ("--completion", "bash"),
]


@pytest.mark.parametrize("flags", PRINTING, ids=" ".join)
def test_text_is_all_there_is(flags: tuple[str, ...]) -> None:
    """No specification is read, and no seed is told."""
    out, err = io.BytesIO(), io.StringIO()
    assert generator.main(flags, None, out, err) == 0
    assert (out.getvalue()[-1:], err.getvalue()) == (b"\n", "")


def test_presets_are_listed_with_what_they_are() -> None:
    """A line each, from the comment of the file."""
    lines = invoke("--presets").out.decode().splitlines()
    assert [line.split()[0] for line in lines] == bare_names("gen")
    assert all(len(line.split()) > 5 for line in lines)
    assert "Card payments of a payment service." in next(
        line for line in lines if line.startswith("payments")
    )


def test_own_specifications_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in ./conf/gen too; one that says nothing, or cannot be read, by its name alone."""
    folder = tmp_path / "conf" / "gen"
    folder.mkdir(parents=True)
    for name, text in (
        ("aa", json.dumps({"_comment": "Two\n lines."})),
        ("ab", "no JSON"),
        ("ac", json.dumps([1])),
        ("ad", json.dumps({"_comment": 5})),
    ):
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    width = len("kubernetes_json") + 2
    assert presets().splitlines()[:4] == ["aa".ljust(width) + "Two lines.", "ab", "ac", "ad"]


def test_schema_is_that_of_a_specification_unless_another_is_named() -> None:
    """Two kinds have different schemas."""
    default, spec, target = (
        invoke("--json-schema", *kind).out for kind in ([], ["spec"], ["target"])
    )
    assert default == spec != target


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("--presets --validate", "--validate and --presets contradict each other"),
        ("--json-schema --presets", "--json-schema and --presets contradict each other"),
        ("--entities x --json-schema", "--entities and --json-schema contradict each other"),
        ("--json-schema shcedule", "argument --json-schema: invalid choice: 'shcedule'"),
        ("--completion tcsh", "argument --completion: invalid choice: 'tcsh'"),
    ],
)
def test_contradiction_is_wrong_usage(line: str, text: str) -> None:
    outcome = invoke(*line.split())
    assert outcome.status == 2
    assert text in outcome.err

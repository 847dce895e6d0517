"""Where the truth goes."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.part import WHOLE, Part
from datagen.running.truth_target import label_problems, read_truth
from datagen.spec.parsing import parse_spec
from datagen.targets import Target
from tests.support.machines import ENDING


def read(name: str | None, raw: Any = None, part: Part = WHOLE) -> Target | None:
    """Return the target."""
    return read_truth(name, raw, "x.json", io.BytesIO(), part)


def test_a_name_is_a_path_or_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes before the specification; a part has a file of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tar.json").write_text(json.dumps({"type": "file", "path": "{part}.jsonl"}))
    assert read(None) is None
    for name, raw, path in (
        ("a.jsonl", "b.jsonl", "a.jsonl"),
        (None, "b.jsonl", "b.jsonl"),
        ("tar.json", None, "2.jsonl"),
    ):
        target = read(name, raw, Part(2, 5))
        assert target is not None
        assert str(tmp_path / path) in target.files()


@pytest.mark.parametrize(
    "raw", [5, [], {"type": "file"}, {"type": "stdout"}, {"type": "file", "path": "x.csv"}]
)
def test_what_cannot_have_it_is_refused(raw: Any) -> None:
    """With the place in the specification."""
    with pytest.raises(SpecError) as raised:
        read(None, raw)
    assert all(each.path[0] == "truth" for each in raised.value.problems)


def test_labels_are_checked() -> None:
    """With their place."""
    spec, _ = parse_spec({**ENDING, "labels": {"x": "oops"}}, "x.json")
    problems, _ = label_problems(spec, "x.json")
    assert [each.path for each in problems] == [("labels", "x")]

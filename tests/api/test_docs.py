"""What the page on Python and the notebook say is so: their programs run and print what is shown, no argument is left out."""

import contextlib
import inspect
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.api.arguments import READERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(
    r"^(<!-- [^\n]* -->\n)?^```python\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?",
    PAGE,
    re.MULTILINE | re.DOTALL,
)
NOTEBOOK = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))


def printed(program: str, names: dict[str, Any]) -> str:
    """Run a program, and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "a page", "exec"), names)
    return out.getvalue()


def test_programs_print_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    assert len(PROGRAMS) == 10
    for comment, program, output in PROGRAMS:
        if "parse-only" in comment:
            compile(program, "docs/python.md", "exec")
        else:
            assert printed(program, names) == output


def test_program_of_the_readme_runs() -> None:
    """It ends with a table of the records."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    printed(program, names)
    assert len(names["frame"]) == 1000


def test_cells_of_the_notebook_print_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it are streams of text, so that it looks the same everywhere."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    cells = [each for each in NOTEBOOK["cells"] if each["cell_type"] == "code"]
    assert (NOTEBOOK["nbformat"], len(cells)) == (4, 6)
    for number, cell in enumerate(cells, 1):
        stored = "".join(text for each in cell["outputs"] for text in each["text"])
        assert printed("".join(cell["source"]), names) == stored
        assert cell["execution_count"] == number


def test_every_argument_is_documented() -> None:
    """In a table, but for those that the text is about."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ", PAGE, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"\w+", row)}
    for function in (
        datagen.generate,
        datagen.entities,
        datagen.explain,
        datagen.validate,
        datagen.run,
    ):
        assert {*inspect.signature(function).parameters} - {"spec", "target", "name"} <= told
    assert told <= {*READERS, *inspect.signature(datagen.run).parameters}


def test_every_method_is_documented() -> None:
    """And none made up."""
    public = {name for name in vars(datagen.Events) if not name.startswith("_")}
    assert {*re.findall(r"`events\.(\w+)", PAGE)} == public
    shown = {name for name in vars(datagen.Explained) if not name.startswith("_")} | {"figures"}
    assert {*re.findall(r"`explained\.(\w+)", PAGE)} == shown

"""The scorers of the page on the truth run, and find what they say they find."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_docs import DOCS, ROOT, content

PAGE = content(DOCS / "truth.md")
SPEC = re.search(r"<!-- file: (\S+) -->\n```json\n(.*?)```", PAGE, re.DOTALL)
COMMAND = re.search(r"```bash\npython (generator\.py .*? -q) > (\S+)\n```", PAGE)
SCORERS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the output of the command that the page shows."""
    assert SPEC is not None
    assert COMMAND is not None
    made = tmp_path_factory.mktemp("truth")
    (made / SPEC[1]).write_text(SPEC[2])
    with (made / COMMAND[2]).open("wb") as out:
        words = [sys.executable, str(ROOT / "generator.py"), *shlex.split(COMMAND[1])[1:]]
        subprocess.run(words, cwd=made, stdout=out, check=True)
    return made


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, r"lost: (?P<lost>\d+) records of \d{4,}; (?P<late>\d+) events are more than 30 s late\nthe latest by \d+ s\n"),
        (1, r"precision (?P<p>[\d.]+), recall 1\.000 of \d\d+ copies\n"),
        (2, r"precision (?P<p>1\.00), recall 1\.00\nbegan 00:05:00.000, first alert 00:05:\d\d\.\d{3}\n"),
    ],
)  # fmt: skip
def test_scorer_scores(number: int, expected: str, folder: Path) -> None:
    """By the two files alone."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCORERS[number]],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.fullmatch(expected, done.stdout)
    assert found, done.stdout
    if number == 0:
        assert 0 < int(found["lost"]) <= int(found["late"])
    if number == 1:
        assert float(found["p"]) > 0.9


def test_the_line_that_is_shown_is_one_of_the_run(folder: Path) -> None:
    """As it is."""
    shown = re.search(r"```text\n(\{.*?\})\n```", PAGE)
    assert shown is not None
    assert shown[1] in (folder / "truth.jsonl").read_text().splitlines()

"""What the page on Spark says is so: its options are all there, its programs run."""

import re
from pathlib import Path
from typing import Any

import pytest

from datagen.spark.options import OPTIONS
from tests.spark.cluster import NEEDS_JAVA, session

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(
    r"^(<!-- [^\n]* -->\n)?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)


def test_every_option_is_documented_and_none_made_up() -> None:
    """In the table, in its first cells."""
    table = PAGE.split("| option | default | |\n", 1)[1].split("\n\n", 1)[0]
    cells = [row.split(" | ")[0] for row in table.splitlines()[1:]]
    assert sorted(name for cell in cells for name in re.findall(r"`(\w+)`", cell)) == sorted(
        OPTIONS
    )


def test_every_program_is_python() -> None:
    """Also one that needs a database, a broker or a lake."""
    assert len(PROGRAMS) == 4
    for _, program in PROGRAMS:
        compile(program, "docs/spark.md", "exec")


def test_proofs_are_there() -> None:
    """The tests that the page names."""
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    source = (ROOT / "tests" / "spark" / "test_cluster.py").read_text(encoding="utf-8")
    assert named
    assert named <= set(re.findall(r"^def (test_\w+)", source, re.MULTILINE))


@pytest.mark.long
@NEEDS_JAVA
@pytest.mark.filterwarnings("default")
def test_programs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other; they write what they say."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    with session("local[2]", tmp_path) as spark:
        for comment, program in PROGRAMS:
            if "parse-only" not in comment:
                placed = program.replace("/tmp/datagen-docs", str(tmp_path / "docs"))
                # Java's working directory is that of the first session of the process
                exec(
                    placed.replace('parquet("clicks")', f'parquet("{tmp_path / "clicks"}")'), names
                )
        assert (
            names["clicks"].count() == spark.read.parquet(str(tmp_path / "clicks")).count() > 1_000
        )
        assert spark.read.parquet(str(tmp_path / "docs" / "clicks")).count() > 1_000
        folders = {path.name for path in (tmp_path / "clicks").iterdir() if path.is_dir()}
        assert {"event=home", "event=search"} <= folders
        assert len(list((tmp_path / "docs" / "cursors").iterdir())) <= 4

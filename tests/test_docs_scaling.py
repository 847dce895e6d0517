"""The recipes of docs/scaling.md: the flags of all of them, and what those for Python make."""

import gzip
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from tests.test_docs import BLOCKS, DOCS, JSON, ROOT, Block

PAGE = DOCS / "scaling.md"
OWN = [block for block in BLOCKS if block.page == PAGE]
[PARTS] = [block.text for block, _ in JSON if block.page == PAGE]
SCRIPTS = [block for block in OWN if block.kind == "python"]
OTHERS = [block for block in OWN if block.kind in ("ini", "sh", "yaml")]
STREAM = ("-c", "web_access", "--seed", "1", "-s", "2027-03-12", "-r", "10M", "-m", "none", "-q")


def test_recipes_are_there() -> None:
    """For systemd, Kubernetes and Slurm; for Dask and Ray; each in a dozen lines or so."""
    assert [block.kind for block in OTHERS] == ["ini", "yaml", "sh"]
    assert ["dask" in block.text for block in SCRIPTS] == [True, False]
    assert all(len(block.text.splitlines()) <= 14 for block in (*SCRIPTS, *OTHERS))


@pytest.mark.parametrize("block", OTHERS, ids=lambda block: block.kind)
def test_recipe_has_flags_that_exist(block: Block) -> None:
    """With the number of a part in place of what the scheduler calls it."""
    [line] = [line for line in block.text.splitlines() if " -c web_access" in line]
    flags = line[line.index("-c web_access") :].removesuffix('"]')
    for name in ("%i", "$SLURM_ARRAY_TASK_ID", "$JOB_COMPLETION_INDEX"):
        flags = flags.replace(name, "3")
    request = parse_request(parser().parse_args(shlex.split(flags)), print)
    assert (request.part.index, request.part.count) in {(3, 8), (3, 64)}
    assert (request.seed, request.max_workers) == (1, "none")


@pytest.mark.long
@pytest.mark.parametrize("block", SCRIPTS, ids=["dask", "ray"])
def test_recipe_makes_the_whole(block: Block, tmp_path: Path) -> None:
    """The parts that a scheduler made are together the single run."""
    pytest.importorskip("dask" if "dask" in block.text else "ray")
    for name in ("generator.py", "conf"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "parts.json").write_text(PARTS, encoding="utf-8")
    (tmp_path / "recipe.py").write_text(block.text, encoding="utf-8")
    subprocess.run([sys.executable, "recipe.py"], cwd=tmp_path, check=True, timeout=300)
    files = sorted(tmp_path.glob("events-*.jsonl.gz"))
    assert [re.sub(r"\D+", "", file.stem) for file in files] == ["0", "1", "2", "3"]
    whole = subprocess.run(
        [sys.executable, "generator.py", *STREAM], cwd=tmp_path, check=True, capture_output=True
    ).stdout
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert sorted(lines) == sorted(whole.splitlines())
    assert len(lines) > 1000

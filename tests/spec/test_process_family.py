"""A process with children as a whole: its records over any windows, resumed, described, checked."""

import io
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.instants import parse_instant
from datagen.running.documents import read_json
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.families import child, emitting, message, parent, subprocess, write
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential
from tests.support.processes import activity, clock, counter, gateway, shown, static, timer

UUID = {"name": "id", "type": "uuid"}
AT = ("-s", "2025-01-01", "--seed", "1", "-q")


def template(name: str, text: str) -> Spec:
    """Return a variable that is a template."""
    return {"name": name, "type": "variable:template", "template": text}


ASSET = child(
    message("wait", counter("served")), timer("wait", exponential(0.2), "emit"),
    activity("emit", "more", template("path", "/{{ site }}/{{ item }}?{{ served }}")),
    gateway("more", wait=0.2, done=0.8),
    emitters={"e": [clock("time"), shown("path"), shown("id"), counter("own")]},
)  # fmt: skip
PAGE = child(
    message("emit"), activity("emit", "assets", UUID, static("path", "page")),
    subprocess("assets", "asset.json", "think", items=["a.css", "b.js", {"item": "c.png", "site": "cdn"}]),
    timer("think", exponential(2), "again"), gateway("again", emit=0.5, done=0.5),
)  # fmt: skip
SITE = parent(
    activity("enter", "visit", static("site", "www"), emitter=None), subprocess("visit", "page.json", "leave"),
    activity("leave", "end", static("path", "left")), show=("path", "id", "served"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, asset=ASSET, page=PAGE, site=SITE)


def written(window: int | None, n: int = 900) -> bytes:
    """Return what a run writes whose windows hold about so many visits."""

    def force(pool: Pool) -> None:
        if window is not None:
            pool.span, pool.window_size = window * 100_000, window

    spec, _ = parse_spec(SITE, "site.json", "site.json", read_json)
    start = parse_instant("2025-01-01")
    plan = Plan(spec, "site.json", StdoutTarget(), JsonLines(), start, 1, 20, max_records=n)
    out = io.BytesIO()
    Run(plan, force).deliver(out, Interruption())
    return out.getvalue()


@pytest.mark.parametrize(("window", "n"), [(1, 200), (5, 300), (40, 900), (5000, 900)])
def test_windows_do_not_matter(window: int, n: int) -> None:
    """Variables, templates and counters of children, over windows that cut their runs: scores of windows each."""
    assert written(window, n) == written(None, n)


def test_resumed_in_the_middle_of_children(tmp_path: Path) -> None:
    """The same bytes as one run."""
    flags = (*AT, "-c", "site.json", "-m", "20")
    whole = invoke(*flags, "-n", "900").out
    write(tmp_path, site=SITE | {"target": {"type": "file", "path": str(tmp_path / "out")}})
    for n in (7, 150, 411, 332):
        assert invoke(*flags, "-n", str(n), "--resume", "at").status == 0
    assert (tmp_path / "out").read_bytes() == whole


def test_changed_child_is_told_at_resuming(tmp_path: Path) -> None:
    """Its file is part of the fingerprint; its comments are not."""
    write(tmp_path, site=SITE | {"target": {"type": "file", "path": str(tmp_path / "out")}})
    flags = (*AT, "-c", "site.json", "-n", "10", "--resume", "at")
    assert invoke(*flags).status == 0
    write(tmp_path, asset=ASSET | {"_comment": "new"})
    assert invoke(*flags).status == 0
    write(tmp_path, asset=ASSET | {"constants": {"new": 1}})
    outcome = invoke(*flags)
    assert outcome.status == 1
    assert "the specification changed since the previous run" in outcome.err


@pytest.mark.parametrize("flag", ["--resume", "--summary"])
def test_child_is_never_overwritten(tmp_path: Path, flag: str) -> None:
    """Neither by a target nor by a file of the run."""
    outcome = invoke(*AT, "-c", "site.json", "-n", "1", flag, "asset.json")
    assert outcome.status != 0
    assert json.loads((tmp_path / "asset.json").read_text()) == ASSET


def test_target_does_not_overwrite_a_child(tmp_path: Path) -> None:
    """It is an error on load."""
    write(tmp_path, site=SITE | {"target": {"type": "file", "path": "asset.json"}})
    said = invoke(*AT, "-c", "site.json", "-n", "1").err
    assert "the target would overwrite asset.json, which the specification reads" in said


def test_runs_follow_each_other() -> None:
    """Each item in order, each page with its assets, and all in one worker."""
    records = [
        json.loads(line)
        for line in invoke(*AT, "-c", "site.json", "-n", "3000", "-m", "1").out.splitlines()
    ]
    paths = [record["path"].partition("?")[0] for record in records]
    following: dict[str, Counter[str]] = {}
    for path, after in itertools.pairwise(paths):
        following.setdefault(path, Counter())[after] += 1
    names = {
        "page": {"/www/a.css"}, "/www/a.css": {"/www/a.css", "/www/b.js"}, "/www/b.js": {"/www/b.js", "/cdn/c.png"},
        "/cdn/c.png": {"/cdn/c.png", "page", "left"}, "left": {"page"},
    }  # fmt: skip
    # the site that the last item sets stays set for the next page of a worker
    later = {path: {each.replace("www", "cdn") for each in after} for path, after in names.items()}
    for path, after in following.items():
        expected = (
            names.get(path, set())
            | later.get(path, set())
            | later.get(path.replace("cdn", "www"), set())
        )
        assert set(after) <= expected, path
    owns = [record["own"] for record in records if "own" in record]
    assert owns == list(range(len(owns)))
    assert len({record["id"] for record in records}) == paths.count("page")


def test_description() -> None:
    """States and waits of children are told."""
    said = invoke("-c", "site.json", "--validate", "-v").err
    assert "5 states (29 with 2 children), 2 emitters" in said
    assert 'event:intermediate:timer "visit.assets.wait": a mean of 0.2 s' in said


def test_columns_are_the_union_of_all_emitters(tmp_path: Path) -> None:
    """Those of children too."""
    outcome = invoke(*AT, "-c", "site.json", "-n", "3", "--csv")
    assert outcome.out.splitlines()[0] == b"time,path,id,served,own"
    write(tmp_path, c=emitting())
    outcome = invoke(
        *AT,
        "-n",
        "1",
        "--csv",
        spec=parent(subprocess("sub", "c.json"), show=("item",), constants={"item": 1}),
    )
    assert outcome.out.splitlines() == [b"time,item", b"2025-01-01T00:00:00.000+00:00,1"]


def test_old_words_of_a_child_are_noted(tmp_path: Path) -> None:
    """With its name."""
    old: Any = {"name": "x", "type": "static", "value": "y"}
    write(tmp_path, c=child(message("wait"), {"name": "wait", "type": "event:intermediate:timer", "delay": constant(1), "next": "emit"},
                            activity("emit", "done", old)))  # fmt: skip
    said = invoke("--validate", "-v", spec=parent(subprocess("sub", "c.json"))).err
    assert (
        'c.json: states[2].variables[0].type: "static" is the old word for "string:static"' in said
    )
    assert "c.json: states[1].delay" in said

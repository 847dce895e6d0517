"""Files that are not as their run left them."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.running.checkpoint import CheckpointFile
from datagen.targets.files.unfinished import UnfinishedFile
from tests.guarantees.kill import counting
from tests.guarantees.resume.resuming import FIXED, OUT, START, files, into, run, same_as_one, whole
from tests.support.helpers import invoke


def shrink(path: Path) -> None:
    """Cut some bytes off."""
    path.write_bytes(path.read_bytes()[:-40])


def grow(path: Path) -> None:
    """Let another program write to it."""
    path.write_bytes(path.read_bytes() + b"not ours\n")


def edit(path: Path) -> None:
    """Change something near its end."""
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Path.unlink, "is missing, with the "),
        (shrink, " written by the previous run, so the run cannot"),
        (grow, "is 9 bytes longer than at the end of the previous run, so the run"),
        (edit, "no longer contains what the previous run wrote, so the run"),
    ],
)
@pytest.mark.parametrize("path", ["out", "%d"])
def test_file_that_is_not_as_it_was_left_is_not_gone_on_with(
    path: str, change: Callable[[Path], None], said: str, ending: str
) -> None:
    """It is left as it is, with status 1 and a remedy."""
    spec = into({"type": "file", "path": path + ending})
    run(spec, "-n", "40000" if ending else "800")
    (name,) = [each for each in files(Path()) if path == "out" or each.endswith(".part")]
    if ending and change in (shrink, edit):  # what is beyond the whole members is made anew
        state = json.loads(Path("ck").read_bytes())["run"]["position"]["state"]
        length = (state if path == "out" else state["open"]["state"])["length"]
        os.truncate(name, length)
    change(Path(name))
    before = files(Path())
    outcome = invoke("-q", "-n", "1", "--resume", "ck", spec=spec)
    assert outcome.status == 1
    last = outcome.err.splitlines()[-1]
    assert said in last or (change is Path.unlink and "is missing" in last)
    assert files(Path()) == before


def test_file_that_may_not_be_read_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written cannot be compared then, but its length can."""
    run(into(OUT), "-n", "100")

    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("datagen.targets.files.plain.open", refuse, raising=False)
    run(into(OUT), "-n", "100")
    assert Path("out").read_bytes() == whole(counting(), "-n", "200")


def test_file_that_was_there_before_is_kept_with_append() -> None:
    """What an earlier program left stays, in the first run and in those that follow."""
    Path("out").write_bytes(b"older")
    for count in ("0", "50", "50"):
        run(into({**OUT, "mode": "append"}), "-n", count)
    assert Path("out").read_bytes() == b"older\n" + whole(counting(), "-n", "100")


def test_older_file_of_the_same_name_is_not_taken_for_ours(folder: Path) -> None:
    """A `.part` that is gone is not made of what an earlier run has finished."""
    spec = into({"type": "file", "path": "%H"})
    invoke(*FIXED, "-n", "600", spec=spec)
    run(spec, "-n", "600")
    (part,) = folder.glob("*.part")
    part.unlink()
    outcome = invoke("-q", "-n", "1", "--resume", "ck", spec=spec)
    assert outcome.status == 1
    assert "is missing" in outcome.err.splitlines()[-1]


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_kill_right_after_a_file_got_its_name(
    ending: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes back under `.part`, by a copy that is whole or not there, and gets its name again."""
    spec = into({"type": "file", "path": f"%H{ending}"})
    finish = UnfinishedFile.finish

    class Killed(BaseException):
        """Stands for a kill: nothing is written after it."""

    def killed(partition: UnfinishedFile, kept: bool) -> None:
        finish(partition, kept)
        monkeypatch.setattr(CheckpointFile, "write", lambda *_: None)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedFile, "finish", killed)
        invoke(*FIXED, "--resume", "ck", "-r", "2H", spec=spec)
        patch.undo()
    monkeypatch.chdir(folder)
    assert list(files(folder)) == [f"05{ending}"]
    with monkeypatch.context() as patch:
        patch.setattr("datagen.targets.files.unfinished.shutil.copyfileobj", copied_in_part)
        assert invoke("-q", "--resume", "ck", "-r", "0S", spec=spec).status == 1
    run(spec, "--until", "2027-03-12T08:00:00")
    (folder / f"05{ending}.part.copy").unlink(missing_ok=True)
    same_as_one(folder, monkeypatch, spec, "--until", "2027-03-12T08:00:00")


def copied_in_part(source: str, copy: str) -> None:
    """Copy some of a file, and fail."""
    Path(copy).write_bytes(Path(source).read_bytes()[:100])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("offset", ["-05:00", "+05:30"])
def test_part_stays_one_where_nothing_was_made(offset: str, folder: Path) -> None:
    """Whether a period is over is told by the start's own offset, also before the first record."""
    spec = into({"type": "file", "path": "%H.json"})
    for more in (("-n", "300"), ("-n", "0"), ("-r", "1S")):
        invoke("-s", START + offset, "--seed", "7", "-q", "--resume", "ck", *more, spec=spec)
        assert list(files(folder)) == ["05.json.part"]

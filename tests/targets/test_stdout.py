"""The standard output, where it is a file: a line that was cut off by a full disk is taken back."""

import errno
import os
import resource
from pathlib import Path

import pytest

from datagen.errors import TargetError
from datagen.targets.stdout import StdoutTarget
from tests.support.files import LINE, LINES, Disk, program
from tests.support.records import rendered

TEXT = b"".join(LINES)


@pytest.mark.parametrize("flags", [os.O_TRUNC, os.O_APPEND])
def test_disk_that_fills_up_leaves_whole_lines(flags: int, tmp_path: Path) -> None:
    """As with `> out.jsonl` and `>> out.jsonl`; the count is what the file holds."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old\n")
    descriptor = os.open(path, os.O_WRONLY | flags)
    limit = 100_007
    status, said = program(
        n=5000, stdout=descriptor,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    os.close(descriptor)
    held = path.read_bytes().removeprefix(b"old\n")
    count = held.count(b"\n")
    assert (status, held[-1:]) == (1, b"\n")
    assert len(held) == count * LINE > limit - 5 - LINE
    assert said.endswith(f"stdout: File too large; {count} records were delivered\n")
    assert f"\n{count:,} records, " in said


def write_until_full(path: Path, monkeypatch: pytest.MonkeyPatch, room: int, at: int) -> None:
    """Write lines to a file from some place of it on; after so many bytes the disk is full."""
    with path.open("r+b", buffering=0) as stream:
        stream.seek(at)
        sink = StdoutTarget().open(stream)
        monkeypatch.setattr(
            "datagen.targets.descriptor.os.write", Disk(5, room, OSError(errno.ENOSPC, "full"))
        )
        with pytest.raises(TargetError, match="full"):
            sink.write(rendered(LINES))
        monkeypatch.undo()
        os.write(stream.fileno(), b"|")  # what comes after us, from the same shell
        assert sink.delivered == TEXT[:room].count(b"\n")


@pytest.mark.parametrize("room", range(len(TEXT)))
def test_cut_line_is_taken_back(room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it is cut; what others write next stands right after the last whole line."""
    path = tmp_path / "out"
    path.write_bytes(b"old\n")
    write_until_full(path, monkeypatch, room, at=4)
    assert path.read_bytes() == b"old\n" + TEXT[: TEXT[:room].rfind(b"\n") + 1] + b"|"


def test_what_others_wrote_behind_it_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the cut line is not the end of the file, it stays: the file is not ours alone."""
    path = tmp_path / "out"
    path.write_bytes(b"x" * 100)
    write_until_full(path, monkeypatch, 9, at=10)
    assert path.read_bytes() == b"x" * 10 + TEXT[:9] + b"|" + b"x" * 80

"""Compressed files: complete members, which other tools decompress to the stream."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files import file, run, to, unpacked


@pytest.mark.parametrize("name", ["x.gz", "x.zst"])
def test_compressed_file_is_whole_without_records(name: str, tmp_path: Path) -> None:
    """With no record at all it still is a file that others can decompress, to nothing."""
    path = tmp_path / name
    for mode in ("overwrite", "append"):
        assert run("-n", "0", spec=to(file(path, mode=mode))).status == 0
        first = path.read_bytes()
        assert first.startswith(b"\x1f\x8b" if name == "x.gz" else b"\x28\xb5\x2f\xfd")
        assert unpacked(path) == b""
    run("-n", "0", spec=to(file(path, mode="append")))
    assert path.read_bytes() == first


def members(data: bytes) -> Iterator[bytes]:
    """Decompress the members of gzip data one by one."""
    while data:
        unpacker = zlib.decompressobj(31)
        yield unpacker.decompress(data)
        assert unpacker.eof
        data = unpacker.unused_data


def test_members_hold_whole_lines(tmp_path: Path) -> None:
    """Each of about a megabyte can be read by itself; together they are the stream."""
    path = tmp_path / "x.gz"
    outcome = run("-n", "60000", spec=to(file(path)))
    parts = list(members(path.read_bytes()))
    assert len(parts) > 2
    assert all(part.endswith(b"\n") for part in parts)
    assert all(1 << 20 <= len(part) < 1 << 24 for part in parts[:-1])
    assert b"".join(parts) == run("-n", "60000").out
    assert f"\n60,000 records, {path.stat().st_size:,} bytes in " in outcome.err


def test_frames_of_zstd_follow_each_other(tmp_path: Path) -> None:
    """Several frames read as one stream."""
    path = tmp_path / "x.zst"
    run("-n", "60000", spec=to(file(path)))
    assert path.read_bytes().count(b"\x28\xb5\x2f\xfd") > 2
    assert unpacked(path) == run("-n", "60000").out

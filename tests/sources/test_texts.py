"""Blocks of files: compression, long records, and how much is read."""

import gzip
from typing import Any, Self

import pyarrow as pa
import pytest

from datagen.instants import SECOND
from datagen.sources import texts
from tests.running.test_clock import BASE
from tests.support.replays import (
    replayed,
    spec_of,
    tried,
    write,
)


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "ndjson"])
def test_compressed_sources(kind: str, ending: str) -> None:
    """Several members too, as appending makes them; in every format of text."""
    plain = {"csv": "t,a\n2020-01-01,1\n2020-01-02,2\n", "tsv": "t\ta\n2020-01-01\t1\n2020-01-02\t2\n",
             "ndjson": '{"t":"2020-01-01","a":"1"}\n{"t":"2020-01-02","a":"2"}\n'}[kind]  # fmt: skip
    half = len(plain) // 2
    parts = [plain[:half].encode(), plain[half:].encode()]
    packed = [_packed(part, ending) for part in parts]
    write(b"".join(packed), f"x.{kind}{ending}")
    assert [each["a"] for each in replayed(spec_of(f"x.{kind}{ending}"), "-n", "3")] == [
        "1",
        "2",
        "1",
    ]


def _packed(data: bytes, ending: str) -> bytes:
    if ending == ".gz":
        return gzip.compress(data)
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


def test_quote_that_is_left_open_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record has a longest length."""
    monkeypatch.setattr("datagen.sources.texts.MAX_RECORD_BYTES", 100_000)
    write('t,a\n2020-01-01,"' + "x\n" * 200_000)
    assert tried(spec_of()).err == (
        "x.csv: the record at byte 4 is longer than 0 MB: is a quote left open?\n"
    )


def test_first_record_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of one record reads the head of a file only."""
    write("t\n" + "".join(f"{n}\n" for n in range(1_000_000, 2_000_000)))
    opened, read = texts.Input._file, [0]

    class Counted:
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._stream.close()

        def read(self, size: int) -> bytes:
            data: bytes = self._stream.read(size)
            read[0] += len(data)
            return data

    monkeypatch.setattr(texts.Input, "_file", lambda self, byte: Counted(opened(self, byte)))
    assert replayed(spec_of(time_format="seconds"), "-n", "1") == [{"t": BASE // SECOND}]
    assert 0 < read[0] < 1_000_000

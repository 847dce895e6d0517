"""The target file: what its path says of format, compression and pattern."""

import io
from pathlib import Path

import pytest
from pydantic import ValidationError

from datagen.errors import TargetError
from datagen.formats.base import any_format
from datagen.targets.files.compressed import CompressedFileSink
from datagen.targets.files.partitioned import PartitionedSink
from datagen.targets.files.plain import FileSink
from datagen.targets.files.target import FileTarget
from datagen.targets.files.unfinished import UnfinishedFileSink
from datagen.validation import messages_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [("x", "json"), ("x.csv", "csv"), ("x.tsv.gz", "tsv"), ("x.csv.zst", "csv"), ("x.parquet", "parquet"),
     ("%Y/x.avro", "avro"), ("x.gz", "json")],
)  # fmt: skip
def test_ending_of_the_path_stands_for_a_format(path: str, kind: str) -> None:
    """Also before the ending of a compression."""
    [form] = FileTarget(path=path).formats(None)
    assert form.type == kind


@pytest.mark.parametrize(("path", "kind"), [("x.csv", "tsv"), ("x.parquet", "parquet")])
def test_format_of_the_specification_is_not_for_files_of_columns(path: str, kind: str) -> None:
    """It wins over an ending, but for those of formats that only such a file can hold."""
    [form] = FileTarget(path=path).formats(any_format("tsv"))
    assert form.type == kind


@pytest.mark.parametrize(
    ("name", "sink"),
    [("x", FileSink), ("x.gz", CompressedFileSink), ("x.zst", CompressedFileSink),
     ("x.arrow", UnfinishedFileSink), ("%Y.csv", PartitionedSink)],
)  # fmt: skip
def test_path_decides_how_records_are_written(name: str, sink: type, tmp_path: Path) -> None:
    """Plain, compressed, under another name until it is complete, or in many files."""
    with FileTarget(path=str(tmp_path / name)).open(io.BytesIO()) as made:
        assert type(made) is sink


def test_percent_sign_is_written_twice() -> None:
    """One is a directive: a file for each day, for example."""
    assert not FileTarget(path="50%%").is_partitioned
    assert FileTarget(path="50%%").file == "50%"
    assert FileTarget(path="%Y%%").file == "%Y%%"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"path": ""}, "expected the path of a file"),
        ({"path": "out-{}.jsonl"}, '"{}" names no field; a brace is written "{{"'),
        ({"path": "%Y/"}, "expected the path of a file"),
        ({"path": "a\ud800"}, "a lone surrogate is not a character"),
        ({"path": "x.parquet.gz"}, 'parquet is compressed within the file; leave out ".gz"'),
        ({"path": "x.avro", "mode": "append"}, "avro files cannot be appended to"),
    ],
)
def test_path_that_is_none_is_refused(keys: dict[str, str], text: str) -> None:
    """On load, not at the first record."""
    with pytest.raises(ValidationError) as raised:
        FileTarget.model_validate({"type": "file", **keys})
    assert [message for _, message in messages_of(raised.value)] == [text]


def test_two_spellings_of_a_path_are_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a run goes on with it, and no two targets write to it."""
    monkeypatch.chdir(tmp_path)
    one, other = FileTarget(path="x"), FileTarget(path="./d/../x")
    assert one.identity == other.identity == "file x"
    [(_, name)], [(_, same)] = one.exclusive_outputs(), other.exclusive_outputs()
    assert name == same == str(tmp_path / "x")


def test_file_with_a_footer_can_only_be_resumed_in_parts() -> None:
    """It is complete at its end only; one for each day is."""
    assert list(FileTarget(path="x.csv").not_resumable()) == []
    assert list(FileTarget(path="%Y.parquet").not_resumable()) == []
    [text] = FileTarget(path="x.parquet").not_resumable()
    assert text.startswith("x.parquet is a single file that is complete only when closed")


def test_folder_that_is_not_there_is_told_before_the_first_record(tmp_path: Path) -> None:
    """Also of a file that gets its name at the end."""
    with pytest.raises(TargetError):
        FileTarget(path=str(tmp_path / "d" / "x.parquet")).open(io.BytesIO())
    with pytest.raises(TargetError, match="Is a directory"):
        (tmp_path / "x.parquet").mkdir()
        FileTarget(path=str(tmp_path / "x.parquet")).open(io.BytesIO())

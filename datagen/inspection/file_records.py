"""Reads records back from files of any format that says where fields are: as Python objects, one after the other."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from datagen.errors import OperationError

ENDINGS = ".jsonl, .ndjson, .json, .csv, .tsv, .parquet, .arrow or .avro, the texts also followed by .gz or .zst"
_CELLS = {".csv": ",", ".tsv": "\t"}
_TSV_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}

Record = dict[str, Any]


def has_cells(path: str) -> bool:
    """Return whether the values of a file are texts, whatever they are of, and empty where there are none."""
    return _ending(path) in _CELLS


def has_columns(path: str) -> bool:
    """Return whether all records of a file have the same fields, null or empty where they have none."""
    return _ending(path) not in (".jsonl", ".ndjson", ".json")


def records_of(path: str) -> Iterator[Record]:
    """Yield the records of a file. Raises OperationError where it cannot be read, or has an unknown ending."""
    read = _READERS.get(_ending(path))
    if read is None:
        raise OperationError(f"--check {path}: expected a file that ends in {ENDINGS}")
    try:
        with _opened(path) as file:
            yield from read(file, path)
    except OSError as error:
        raise OperationError(f"--check {path}: {error.strerror or error}") from error
    except (ValueError, csv.Error) as error:
        raise OperationError(f"--check {path}: cannot be read: {error}") from error


def _ending(path: str) -> str:
    name = path.removesuffix(".gz").removesuffix(".zst")
    return name[name.rfind(".") :] if "." in name else ""


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """Open a file, and what is compressed in it."""
    with open(path, "rb") as file:
        if path.endswith(".gz"):
            with gzip.GzipFile(fileobj=file) as texts:
                yield cast("BinaryIO", texts)
        elif path.endswith(".zst"):
            import pyarrow as pa  # noqa: PLC0415

            with pa.CompressedInputStream(pa.PythonFile(file), "zstd") as texts:
                yield cast("BinaryIO", io.BytesIO(texts.read()))
        else:
            yield file


def _json_lines(file: BinaryIO, path: str) -> Iterator[Record]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise OperationError(f"--check {path}: line {number}: {error}") from error
        if not isinstance(record, dict):
            raise OperationError(f"--check {path}: line {number}: expected an object")
        yield record


def _cells(file: BinaryIO, path: str) -> Iterator[Record]:
    text = io.TextIOWrapper(cast("Any", file), encoding="utf-8", newline="")
    try:
        if _ending(path) == ".csv":
            yield from csv.DictReader(text)
            return
        names = text.readline().rstrip("\r\n").split("\t")
        for line in text:
            cells = line.rstrip("\r\n").split("\t")
            yield dict(zip(names, map(_unescaped, cells), strict=True))
    finally:
        text.detach()


def _unescaped(cell: str) -> str | None:
    if "\\" not in cell:
        return cell
    if cell == "\\N":
        return None
    parts = cell.replace("\\\\", "\0")
    for escape, character in _TSV_ESCAPES.items():
        parts = parts.replace(escape, character)
    return parts.replace("\0", "\\")


def _parquet(file: BinaryIO, path: str) -> Iterator[Record]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    del path
    for batch in pq.ParquetFile(file).iter_batches():
        yield from batch.to_pylist()


def _arrow(file: BinaryIO, path: str) -> Iterator[Record]:
    import pyarrow as pa  # noqa: PLC0415

    del path
    begin = file.read(6)
    file.seek(0)
    if begin == b"ARROW1":
        reader = pa.ipc.open_file(file)
        for number in range(reader.num_record_batches):
            yield from reader.get_batch(number).to_pylist()
        return
    for batch in pa.ipc.open_stream(file):
        yield from batch.to_pylist()


def _avro(file: BinaryIO, path: str) -> Iterator[Record]:
    try:
        import fastavro  # noqa: PLC0415
    except ImportError:
        raise OperationError(f"--check {path}: needs fastavro: pip install fastavro") from None
    yield from cast("Iterator[Record]", fastavro.reader(file))


_READERS: dict[str, Callable[[BinaryIO, str], Iterator[Record]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json_lines,
    ".csv": _cells,
    ".tsv": _cells,
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".avro": _avro,
}

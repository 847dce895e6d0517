"""Turns checkpoints into a file, from which a later run resumes, and back.

The file is JSON on one line. It is written under another name beside FILE, made safe on disk, and
then replaces FILE: whoever reads FILE finds all of one checkpoint. Its sum says whether it is
complete. A lock on another file keeps out a second run; it ends with its process.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from datagen import __version__
from datagen.curves.zone_style import style_from_json, style_to_json
from datagen.durable import replace_file
from datagen.errors import OperationError
from datagen.file_set import FileSet
from datagen.instants import DAY, YEAR_1, YEAR_10000, Instant
from datagen.locks import FileLock
from datagen.one_line import counted
from datagen.part import WHOLE, Part
from datagen.position import Cursor, Jump, whole
from datagen.running.departure_cursor import KEY, TOLD, departure_cursor
from datagen.simulation.cursor import machine_cursor
from datagen.spec.scaling import Scaling
from datagen.targets.delivered import Position

VERSION = 1
_LOCK, _PART = ".lock", ".part"


@dataclass(frozen=True)
class Checkpoint:
    """What it takes to resume a run.

    `position` is that of the target, `skip` the number of records between the cursor and it. `written` is
    how many records, over all runs, were written to the target, which will get those after the position
    once more.
    `reached` is the instant, microseconds since 1970, up to which the run is done.
    """

    seed: int
    start: Instant
    fingerprint: Mapping[str, str]
    target: str
    reached: int
    position: Position
    cursor: Cursor
    skip: int
    written: int
    real_clock: bool = False
    jumps: tuple[Jump, ...] = ()  # between the cursor and `reached`
    part: Part = WHOLE  # of the stream
    scaling: Scaling | None = None  # of the workers, by --rate
    truth: Position | None = None  # of the target of the truth, where it is told

    @property
    def resumed_at(self) -> int:
        """Return the instant, microseconds since 1970, at which another run resumes."""
        return max(self.reached, self.cursor.since)

    def __str__(self) -> str:
        """Return a sentence for a person."""
        return (
            f"resuming at {Instant(self.reached, self.start.style)}, after "
            f"{counted(self.written, 'record')}"
        )

    def document(self) -> dict[str, Any]:
        """Return the checkpoint as JSON."""
        style = self.start.style.at(self.start.micros)
        start = {"micros": self.start.micros, "offset": style.offset, "suffix": style.suffix}
        if not self.start.style.offset_is_fixed:
            start["zone"] = style_to_json(self.start.style)
        part = {} if self.part.is_whole else {"part": str(self.part)}
        return {
            "datagen": __version__,
            "seed": self.seed,
            **part,
            "start": start,
            "fingerprint": dict(self.fingerprint),
            "target": self.target,
            "live": self.real_clock,
            "records": self.written,
            "reached": self.reached,
            "jumps": [[jump.at, jump.by] for jump in self.jumps],
            "position": _position_to_json(self.position),
            "skip": self.skip,
            "cursor": self.cursor.to_json(),
            **({} if self.scaling is None else {"scaling": _scaling_to_json(self.scaling)}),
            **({} if self.truth is None else {"truth": _position_to_json(self.truth)}),
        }


class CheckpointFile:
    """The file of a run's checkpoints, locked while it is open; a context manager.

    Raises OperationError where another run has the lock, or where the file cannot be read or written.
    """

    def __init__(self, path: str) -> None:
        """Check the path. Raises OperationError for what is no file, such as a device."""
        self.path = path
        self._lock: FileLock | None = None
        if not os.path.basename(path) or "\0" in path or _is_no_file(path):
            raise OperationError(f"--resume {path}: expected the path of a file")
        self._file = os.path.realpath(path)  # a link stays a link
        if not os.path.isdir(os.path.dirname(self._file)):
            folder = os.path.dirname(path) or "."
            raise OperationError(f'--resume {path}: there is no folder "{folder}"')

    @property
    def files(self) -> FileSet:
        """Return the files that are written: itself, its lock, and the one that replaces it."""
        return FileSet("checkpoint", (self._file, self._file + _LOCK, self._file + _PART))

    def reject_overlap(self, files: FileSet) -> None:
        """Refuse to replace a file of another kind. Raises OperationError."""
        for ending in ("", _LOCK, _PART):
            if self._file + ending in files:
                name = self.path + ending
                raise OperationError(
                    f"--resume {self.path}: {name} is already used for the {files.what}"
                )

    def __enter__(self) -> Self:
        try:
            self._lock = FileLock(self._file + _LOCK)
        except BlockingIOError as error:
            raise OperationError(f"{self.path}: is in use by another run") from error
        except OSError as error:
            raise self._error("cannot be locked", error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()
        self._lock = None

    def read(self) -> Checkpoint | None:
        """Return the checkpoint, or None where there is no file. Raises OperationError."""
        try:
            with open(self._file, "rb") as file:
                data = file.read(1)
                if data == b"{":  # anything else is none, however long it is
                    data += file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error("cannot be read", error) from error
        return decoded_checkpoint(data, self.path)

    def write(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint in one step. Raises OperationError."""
        data = encoded_checkpoint(checkpoint)
        try:
            replace_file(self._file, data, beside=self._file + _PART, replace_beside=True)
        except OSError as error:
            raise self._error("cannot be written", error) from error

    def _error(self, what: str, error: OSError) -> OperationError:
        return OperationError(f"{self.path}: {what}: {error.strerror or error}")


@dataclass(frozen=True)
class CheckpointOptions:
    """The file of a run's checkpoints, how often (seconds) they are written, and which one is resumed."""

    file: CheckpointFile
    every: float
    resumed_from: Checkpoint | None = None


def encoded_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as one line of JSON, with its checksum."""
    body = json.dumps(checkpoint.document(), separators=(",", ":")).encode()
    return b'{"checkpoint":%d,"sum":"%b","run":%b}\n' % (VERSION, _checksum(body), body)


def decoded_checkpoint(data: bytes, name: str) -> Checkpoint:
    """Return the checkpoint of `data`, which is called `name`. Raises OperationError where it is damaged."""
    head = b'{"checkpoint":%d,"sum":"' % VERSION
    try:
        raw = json.loads(data)
        version = raw["checkpoint"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(name) from None
    if isinstance(version, int) and version != VERSION:
        text = f"is of version {version}, which this program ({__version__}) does not know"
        raise OperationError(f"{name}: {text}")
    found, _, rest = data.removeprefix(head).partition(b'","run":')
    if not data.startswith(head) or not rest.endswith(b"}\n") or found != _checksum(rest[:-2]):
        raise _damaged(name)
    try:
        return _checkpoint_from_json(raw["run"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise _damaged(name) from error


def _damaged(name: str) -> OperationError:
    return OperationError(
        f"{name}: is damaged or not a checkpoint, and was not changed. To start over, move it and "
        "the output of the target away"
    )


def _checkpoint_from_json(raw: Mapping[str, Any]) -> Checkpoint:
    start, written = raw["start"], whole(raw["records"], 0)
    style = style_from_json(start.get("zone", [start["offset"], start["suffix"]]))
    position = _position_from_json(raw["position"])
    whole(position.records, 0, written)
    part, cursor = Part.parsed(raw.get("part", str(WHOLE))), cursor_from_json(raw["cursor"])
    if not cursor.belongs_to(part):
        raise ValueError("a position of another part")
    return Checkpoint(
        seed=int(raw["seed"]),
        start=Instant(_instant(start["micros"]), style),
        fingerprint={str(key): str(value) for key, value in raw["fingerprint"].items()},
        target=str(raw["target"]),
        reached=_instant(raw["reached"]),
        position=position,
        cursor=cursor,
        skip=whole(raw["skip"], 0, position.records),
        written=written,
        real_clock=bool(raw["live"]),
        jumps=tuple(Jump(_instant(at), whole(by, 0)) for at, by in raw["jumps"]),
        part=part,
        scaling=_scaling_from_json(raw["scaling"]) if "scaling" in raw else None,
        truth=_position_from_json(raw["truth"]) if "truth" in raw else None,
    )


def _instant(value: Any) -> int:
    return whole(value, YEAR_1 - DAY, YEAR_10000 + DAY)


def _is_no_file(path: str) -> bool:
    """Return whether a path is a folder, a device or a pipe."""
    return os.path.exists(path) and not os.path.isfile(path)


def cursor_from_json(data: Mapping[str, Any]) -> Cursor:
    """Return the cursor of a machine or of a replay. Raises ValueError, KeyError or TypeError for neither."""
    if KEY in data:
        source = cursor_from_json(
            {key: value for key, value in data.items() if key not in (KEY, TOLD)}
        )
        return departure_cursor(source, data)
    if "turn" not in data:
        return machine_cursor(data)
    from datagen.replay.cursor import replay_cursor  # noqa: PLC0415 - a machine reads no source

    return replay_cursor(data)


def _position_to_json(position: Position) -> dict[str, Any]:
    parts = [_position_to_json(part) for part in position.parts]
    return {"records": position.records, "state": dict(position.state), "parts": parts}


def _position_from_json(raw: Mapping[str, Any]) -> Position:
    parts = tuple(map(_position_from_json, raw["parts"]))
    return Position(whole(raw["records"], 0), dict(raw["state"]), parts)


def _scaling_to_json(scaling: Scaling) -> dict[str, Any]:
    return {"wish": scaling.wish, "factor": scaling.factor, "workers": scaling.max_workers}


def _scaling_from_json(raw: Mapping[str, Any]) -> Scaling:
    factor, workers = float(raw["factor"]), raw["workers"]
    if not 0 < factor < inf:
        raise ValueError("no factor")
    return Scaling(str(raw["wish"]), factor, None if workers is None else whole(workers, 1))


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()

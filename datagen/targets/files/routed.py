"""Writes each record to the file that its fields name: many files at once, of which only some are open.

A file that is closed to make room is opened again, and goes on; one with a footer is complete then, and the next of its
records begin a file with a number in its name.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.position import whole
from datagen.targets.delivered import Position, impossible_position
from datagen.targets.files.path_pattern import PART_SUFFIX, PathPattern, numbered
from datagen.targets.files.routes import path_of
from datagen.targets.files.unfinished import restore_part
from datagen.targets.sink import Sink

ROUTE, EMITTER_OF = "route", "emitter"  # labels: the route of a record, and whose columns it has
MOST_OPEN, MOST_ROUTES = 1_000, 100_000
_OTHER_FILES, _FEWEST_OPEN = 200, 8
# records, after which all compressed files end a member, so that a later run can go on there
EVEN = 1 << 20


@dataclass(frozen=True)
class Kind:
    """What files are like: how one is opened, if they have a footer or are compressed, if no file that is there is replaced."""

    open_file: Callable[[str, "Position | None"], Sink]
    has_footer: bool = False
    is_packed: bool = False
    keeps_others: bool = False


@dataclass
class _Route:
    """The file of a path: its sink while it is open, and the position from which it goes on when it is opened."""

    path: str
    number: int = 0  # of the files of this path
    sink: Sink | None = None
    at: Position | None = None
    ahead: int = 0  # records that it has of those that come once more

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return numbered(self.path, self.number)

    @property
    def position(self) -> Position:
        """Return the position of its file."""
        return self.sink.position() if self.sink else self.at or Position()

    def pause(self, sink: Sink) -> None:
        """Close its file, so that it can go on later. Raises TargetError."""
        self.at = sink.pause()

    def state(self) -> dict[str, Any]:
        """Return what a later run needs to go on with it, as JSON."""
        position = self.position
        return {
            "number": self.number,
            "records": position.records,
            "ahead": self.ahead,
            "state": {**position.state},
        }


class _Share(NamedTuple):
    """The rows of the records that are being written that go to one route, the first of which it has already.

    `before` is how many records it had before.
    """

    route: _Route
    before: int
    rows: Ints
    skipped: int

    @property
    def done(self) -> Ints:
        """Return the rows of records that it has by now."""
        return self.rows[: self.skipped + self.route.position.records - self.before]


class RoutedSink(Sink):
    """Writes to the files of routes, each opened when its first record comes.

    `pattern` is a path with FIELD in place of fields. Raises TargetError for more than MOST_ROUTES.
    """

    def __init__(
        self, pattern: str, kind: Kind, at: Position | None = None, most_open: int | None = None
    ) -> None:
        super().__init__()
        self._pattern, self._kind = pattern, kind
        self._most_open = allowed_files() if most_open is None else most_open
        self._by_key: dict[str, _Route] = {}
        self._by_path: dict[str, _Route] = {}
        self._names: set[str] = set()
        self._open: OrderedDict[str, _Route] = OrderedDict()  # the least recently used first
        self._seen, self._shares = 0, list[_Share]()
        self._documents = False  # each file has an end
        self._safe = at or Position()  # where no later run can go on at any record
        self._changed: set[str] = set()
        self._states: dict[str, dict[str, Any]] = {}
        self._resumed = at is not None
        if at is not None:
            try:
                self._restore(at)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise impossible_position(pattern) from error

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        super().enable_checkpoints(before_rename)
        for route in self._open.values():
            self._announce(route)

    def write(self, records: Rendered) -> None:
        packed, first = self._kind.is_packed, 0
        while first < len(records):
            last = min(len(records), first + EVEN - self._seen % EVEN) if packed else len(records)
            self._write(records.rows(first, last))
            if packed and self._seen % EVEN == 0:
                for route in self._open.values():
                    self._do(route, methodcaller("end_member"))
                self._safe = self._present()
            first = last

    def flush(self) -> None:
        for route in self._open.values():
            self._do(route, methodcaller("flush"))

    def sync(self) -> None:
        for path in sorted(self._changed & self._open.keys()):
            self._do(self._open[path], methodcaller("sync"))

    def position(self) -> Position:
        lasting = self._kind.has_footer or self._kind.is_packed
        return self._safe if lasting else self._present()

    def suspend(self, reached: int) -> None:
        self._end(lambda sink: sink.suspend(reached))

    def close(self) -> None:
        if self._documents:
            self.complete()
        else:
            self._end(methodcaller("close"))

    def complete(self) -> None:
        """Close all files, those too that were closed to make room: each gets its end and its name. Raises TargetError."""
        for route in self._by_path.values():
            if route.sink is None and route.at is not None:
                self._make_room()
                self._do(self._opened(route), methodcaller("close"))
                self._open.pop(route.path).sink = None
                route.at = None
        self._end(methodcaller("close"))

    def _write(self, records: Rendered) -> None:
        """Write records to their routes; `_shares` says how far that has come."""
        self._shares = [self._share(key, rows) for key, rows in _by_route(records)]
        self._documents = bool(records.payload.encoding.footer)
        bare, emitters = replace(records, labels={}), records.labels.get(EMITTER_OF)
        for share in self._shares:
            rows = share.rows[share.skipped :]
            if len(rows):
                own = bare if emitters is None else bare.of_emitter(str(emitters[rows[0]]))
                self._do(self._opened(share.route), methodcaller("write", own.at(rows)))
        self._shares = []
        self._seen += len(records)

    def _share(self, key: str, rows: Ints) -> _Share:
        route = self._route_of(key)
        skipped = min(route.ahead, len(rows))
        route.ahead -= skipped
        return _Share(route, route.position.records, rows, skipped)

    def _route_of(self, key: str) -> _Route:
        """Return the route of a key. Raises TargetError for one too many."""
        route = self._by_key.get(key)
        if route is None:
            path = path_of(self._pattern, key)
            if path not in self._by_path:
                if len(self._by_path) == MOST_ROUTES:
                    text = f"more than {MOST_ROUTES:,} files: the fields in the path have too many values"
                    raise TargetError(path, text, self.delivered)
                self._by_path[path] = _Route(path, self._free_number(path))
            route = self._by_key[key] = self._by_path[path]
        return route

    def _free_number(self, path: str, number: int = 0) -> int:
        """Return a number from which no file of this run has the name, nor, if those are kept, any file."""
        while (name := numbered(path, number)) in self._names or (
            self._kind.keeps_others and os.path.lexists(name)
        ):
            number += 1
        self._names.add(name)
        return number

    def _opened(self, route: _Route) -> _Route:
        """Return a route that is open, now the most recently used."""
        self._changed.add(route.path)
        if route.sink is not None:
            self._open.move_to_end(route.path)
            return route
        self._make_room()
        try:
            os.makedirs(os.path.dirname(route.name) or ".", exist_ok=True)
        except OSError as error:
            raise TargetError.of_system(route.name, error, self.delivered) from error
        try:
            route.sink = self._kind.open_file(route.name, route.at)
        except TargetError as error:
            raise error.recounted(self.delivered) from error
        if not self._resumed:  # else they are of files that this run left itself
            route.sink.set_warning_handler(self.warn)
        self._open[route.path] = route
        self._announce(route)
        return route

    def _announce(self, route: _Route) -> None:
        if self.before_rename is not None and route.sink is not None:
            route.sink.enable_checkpoints(lambda: None)

    def _make_room(self) -> None:
        """Close the files that have not been used for longest."""
        while len(self._open) >= self._most_open:
            _, route = self._open.popitem(last=False)
            if self._kind.has_footer:
                self._do(route, methodcaller("close"))
                route.number = self._free_number(route.path, route.number + 1)
            else:
                self._do(route, route.pause)
            route.sink = None

    def _do(self, route: _Route, step: Callable[[Sink], object]) -> None:
        """Do a step with an open route, and count. Raises TargetError."""
        sink = route.sink
        assert sink is not None
        before = sink.delivered, sink.bytes
        try:
            step(sink)
        except TargetError as error:
            delivered = self.delivered + sink.delivered - before[0]
            raise error.recounted(delivered) from error
        finally:
            self.delivered += sink.delivered - before[0]
            self.bytes += sink.bytes - before[1]

    def _end(self, close: Callable[[Sink], None]) -> None:
        """Close all open files, whatever becomes of others. Raises the first error."""
        failed: list[BaseException] = []
        for route in self._open.values():
            try:
                self._do(route, close)
            except BaseException as error:  # noqa: BLE001 - raised once the others are closed
                failed.append(error)
            self._changed.add(route.path)
        for route in self._open.values():
            route.at, route.sink = route.position, None
        self._open.clear()
        if failed:
            raise failed[0]

    def _present(self) -> Position:
        """Return the position after the records that are written: of the first that is not, where a write was cut short."""
        lacking = [s.rows[len(s.done)] for s in self._shares if len(s.done) < len(s.rows)]
        row = int(min(lacking, default=sum(len(share.rows) for share in self._shares)))
        for path in self._changed:
            self._states[path] = self._by_path[path].state()
        self._changed = {share.route.path for share in self._shares}  # which change once more
        routes = self._states
        if self._shares:
            more = {s.route.path: len(s.done) - int(s.done.searchsorted(row)) for s in self._shares}
            routes = {p: {**s, "ahead": s["ahead"] + more.get(p, 0)} for p, s in routes.items()}
        seen = self._seen + row
        return Position(self.records_before + seen, {"seen": seen, "routes": dict(routes)})

    def _restore(self, at: Position) -> None:
        """Restore the routes of a position. Raises ValueError and the like for what no run can have left."""
        self._seen = whole(at.state.get("seen", 0), 0)
        self.records_before = at.records - self._seen
        names = PathPattern(self._pattern.replace("%", "%%")).file_names
        for path, found in at.state.get("routes", {}).items():
            if not names.fullmatch(os.path.realpath(path)):
                raise ValueError("a name that is not of the path")
            position = Position(whole(found["records"], 0), {**found["state"]})
            route = _Route(
                path, whole(found["number"], 0), at=position, ahead=whole(found["ahead"], 0)
            )
            self._by_path[path], self._states[path] = route, {**found}
            self._names.add(route.name)


class RoutedFiles:
    """The files of one period of time, under their `.part` names: they get their own together."""

    def __init__(self, kind: Kind, name: str, at: Position | None, finishing: bool) -> None:
        """Begin with none, or go on with those of a position. Raises OSError, TargetError."""
        self.name, self.part, self.stale = name, name + PART_SUFFIX, 0
        for path, found in at.state.get("routes", {}).items() if at and finishing else ():
            own = numbered(path, found["number"])
            if not os.path.exists(own + PART_SUFFIX) and os.path.exists(own):
                restore_part(own)
        self.sink = RoutedSink(name, kind, at)

    def finish(self, durable: bool) -> None:
        """Write the rest, and rename all files. Raises TargetError."""
        if durable:
            self.sink.enable_checkpoints(lambda: None)
        self.sink.complete()

    def leave_unfinished(self, durable: bool) -> None:
        """Close all files as they are, under their `.part` names. Raises TargetError."""
        del durable
        self.sink.suspend(0)


def allowed_files() -> int:
    """Return how many files may be open at once, each with its lock, and have the system allow as many as it can."""
    try:
        import resource  # noqa: PLC0415 - some systems have none
    except ImportError:
        return MOST_OPEN // 4
    needed = 2 * MOST_OPEN + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        more = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
            soft = more
    known = MOST_OPEN if soft == resource.RLIM_INFINITY else (soft - _OTHER_FILES) // 2
    return max(min(MOST_OPEN, known), _FEWEST_OPEN)


def _by_route(records: Rendered) -> Iterator[tuple[str, Ints]]:
    """Yield each route, in the order in which they come first, and the rows of its records, rising: int64[n]."""
    encoded = pa.array(records.labels[ROUTE], pa.string()).dictionary_encode()
    codes = encoded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(encoded.dictionary)))
    yield from zip(encoded.dictionary.to_pylist(), np.split(order, ends[:-1]), strict=True)

"""Kills runs into a database with SIGKILL, has them go on until they are done, and compares what is in the tables.

`python -m tests.guarantees.kill_databases URI --kills 50`. Each run is a process of its own, made by fork. It is killed at a random
moment, or right before or after a random one of the steps by which records, places and checkpoints are written.
"""

import argparse
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import datagen.running.loading
import datagen.running.pipeline  # noqa: F401 - imported before the fork
import generator
from datagen.targets.sql.database import Database
from tests.guarantees.kill import counting
from tests.support.databases import Base, duckdb_base, postgres_base, sqlite_base
from tests.support.helpers import invoke

START, UNTIL = "2027-03-12T05:20:13", "2027-03-12T06:20:00"
STEPS = ("ingest", "ask", "run", "commit")
FLAGS = ("-s", START, "--until", UNTIL, "--seed", "7", "-q")
SECONDS, CALLS = 1.0, 60  # of a run, about: moments before the end of which it is killed
MOST = 6  # kills of one run, so that it comes to an end


def base_of(uri: str) -> Base:
    """Return the database of an address."""
    scheme, _, path = uri.partition("://")
    makers: dict[str, Callable[[str], Base]] = {"sqlite": sqlite_base, "duckdb": duckdb_base}
    return makers[scheme](path[1:]) if scheme in makers else postgres_base(uri)


def kill_many(base: Base, kills: int, seed: int) -> int:
    """Kill at least so many runs; return how many were. Raises AssertionError where a record is not there once."""
    dice, done = random.Random(seed), 0
    records = invoke(*FLAGS, spec=counting()).records
    wanted = sorted((each.get("n", -1), each.get("session")) for each in records)
    assert len(wanted) > 1000
    while done < kills:
        with tempfile.TemporaryDirectory() as folder:
            done += _killed_run(base, dice, str(Path(folder) / "ck"), min(MOST, kills - done))
        found = sorted(base.ask("select n, session from e"))
        assert found == wanted, f"{len(found)} rows in place of {len(wanted)} after {done} kills"
        base.do("drop table e")
        base.do("drop table datagen_runs")
    return done


def _killed_run(base: Base, dice: random.Random, kept: str, most: int) -> int:
    """Run until it is done, killed at most so often; return how often."""
    kills = 0
    while True:
        target = (
            f"{base.uri}{'&' if '?' in base.uri else '?'}batch_records={dice.choice((20, 150))}"
        )
        every = dice.choice(("0S", "0.05S", "10S"))
        words = ["-t", target, "--resume", kept, "--checkpoint-every", every, *FLAGS]
        last = kills == most
        by_time = dice.random() < 0.3
        status = _status_of(
            words,
            wait=dice.uniform(0, SECONDS) if by_time and not last else None,
            at=0 if by_time or last else dice.randint(1, CALLS),
            after=dice.random() < 0.5,
        )
        if status == 0:
            return kills
        assert status == -signal.SIGKILL, status
        kills += 1


def _status_of(words: list[str], wait: float | None, at: int, *, after: bool) -> int:
    """Return how a child ends, negative for a signal; kill it after so many seconds, or at its n-th step."""
    pid = os.fork()
    if pid == 0:
        _be_the_child(words, at, after=after)
    if wait is not None:
        time.sleep(wait)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _be_the_child(words: list[str], at: int, *, after: bool) -> None:
    status = 70
    try:
        counted = _Steps(at, after=after)
        for owner, names in ((Database, STEPS), (os, ("replace", "fsync"))):
            for name in names:
                setattr(owner, name, counted.watched(getattr(owner, name)))
        said = io.StringIO()
        spec = io.BytesIO(json.dumps(counting()).encode())
        status = generator.main(words, spec, io.BytesIO(), said)
        if status:
            sys.__stderr__.write(said.getvalue())  # type: ignore[union-attr]
            sys.__stderr__.flush()  # type: ignore[union-attr]
    finally:
        os._exit(status)


class _Steps:
    """Counts steps; at a certain one, kills the process before or after it."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._made, self._at, self._after = 0, at, after

    def watched(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """Return what takes a step, and counts it."""

        @wraps(step)
        def watched(*arguments: Any, **keys: Any) -> Any:
            self._made += 1
            fatal = self._made == self._at
            if fatal and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = step(*arguments, **keys)
            if fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return watched


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and tell what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.guarantees.kill_databases", description=__doc__
    )
    parser.add_argument("uri", help="of an empty database")
    parser.add_argument("--kills", type=int, default=50, help="least number of kills")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args(arguments)
    done = kill_many(base_of(options.uri), options.kills, options.seed)
    print(f"{done} kills: every record is in the database once")
    return 0


if __name__ == "__main__":
    sys.exit(main())

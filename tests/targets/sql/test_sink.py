"""Transactions with the place of the run: what is resumed, skipped, tried again, refused, and how it is counted."""

import io
import json
import signal
import sqlite3
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from datagen.formats.database_rows import DatabaseRows
from datagen.formats.rendered import Rendered
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.targets import TARGETS, MemoryTarget
from datagen.targets.sql.database import Database, DatabaseError
from datagen.targets.sql.places import Place
from tests.support.databases import Base, postgres_base, sqlite_base
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, Spec
from tests.support.postgres import PostgresServer

COUNTED: Spec = {
    **ENDING,
    "emitters": [{"name": "e", "dimensions": [{"name": "n", "type": "counter"}]}],
}
TERMINATE = """do $$ begin perform pg_terminate_backend(pid) from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid(); end $$"""
NUMBERS = "select n from e order by n"


def run(base: Base, *flags: str, n: int = 100, **keys: object) -> Outcome:
    """Run with everything fixed but the target's keys."""
    spec = {**COUNTED, "target": base.target(**keys)}
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), *flags, spec=spec)


def numbers(base: Base) -> list[int]:
    """Return the numbers of the records that are in the database."""
    return [n for (n,) in base.ask(NUMBERS)]


def test_runs_that_are_resumed_are_one(base: Base, tmp_path: Path) -> None:
    """Each goes on with the next record; the place is in the database."""
    kept = ("--resume", str(tmp_path / "ck"))
    for _ in range(3):
        assert run(base, *kept).status == 0
    assert numbers(base) == [*range(300)]
    assert base.ask("select records from datagen_runs") == [(300,)]


def test_place_of_the_database_wins_over_an_older_checkpoint(base: Base, tmp_path: Path) -> None:
    """As after SIGKILL: what the database has is made again, and not written again, nor counted as missing."""
    file = tmp_path / "ck"
    assert run(base, "--resume", str(file)).status == 0
    older = file.read_bytes()
    assert run(base, "--resume", str(file), "--until", "2027-03-12T00:03:00", n=50).status == 2
    assert run(base, "--resume", str(file), n=50).status == 0
    file.write_bytes(older)
    outcome = run(base, "--resume", str(file), n=80, batch_records=7)
    assert outcome.status == 0
    assert numbers(base) == [*range(180)]
    assert "\n80 records, " in outcome.err
    assert json.loads(file.read_bytes())["run"]["position"]["records"] == 180


def test_checkpoint_that_is_ahead_of_the_database_is_refused(base: Base, tmp_path: Path) -> None:
    """The database was restored, or is another one."""
    file = tmp_path / "ck"
    assert run(base, "--resume", str(file)).status == 0
    base.do("update datagen_runs set records = 60")
    outcome = run(base, "--resume", str(file))
    assert outcome.status == 1
    assert (
        "the checkpoint has 100 records, but datagen_runs has only 60 records of this run"
        in outcome.err
    )
    base.do("delete from datagen_runs")
    outcome = run(base, "--resume", str(file))
    assert (
        "datagen_runs has nothing of this run: the database is another one, or was restored"
        in outcome.err
    )
    assert numbers(base) == [*range(100)]


def test_runs_without_checkpoints_leave_no_place(base: Base) -> None:
    """Only who resumes needs one."""
    assert run(base).status == 0
    assert numbers(base) == [*range(100)]
    with pytest.raises((Exception, AssertionError), match="datagen_runs"):
        base.count("datagen_runs")


def test_tee_goes_on_where_each_target_is(file_base: Base, tmp_path: Path) -> None:
    """Each database has a place of its own, and an older checkpoint doubles nothing in either."""
    other, kept = sqlite_base(str(tmp_path / "b.db")), tmp_path / "ck"
    tee = {"type": "tee", "targets": [other.target(), file_base.target(batch_records=30)]}
    flags = ("--seed", "1", "-s", "2027-03-12", "-n", "100", "--resume", str(kept))
    assert invoke(*flags, spec={**COUNTED, "target": tee}).status == 0
    older = kept.read_bytes()
    assert invoke(*flags, spec={**COUNTED, "target": tee}).status == 0
    kept.write_bytes(older)
    outcome = invoke(*flags, spec={**COUNTED, "target": tee})
    assert outcome.status == 0, outcome.err
    assert numbers(file_base) == numbers(other) == [*range(200)]


def test_refused_transaction_is_counted_and_made_again(base: Base, tmp_path: Path) -> None:
    """A constraint of a table that was given: no record of its transaction is there, and all add up."""
    base.do('create table e ("time" timestamp with time zone, n bigint check (n < 70))')
    kept = ("--resume", str(tmp_path / "ck"))
    outcome = run(base, *kept, "--summary", str(tmp_path / "s.json"), batch_records=30)
    assert outcome.status == 1
    summary = json.loads((tmp_path / "s.json").read_text())
    told = {key: summary[key] for key in ("delivered", "failed", "unsent", "generated")}
    assert told["delivered"] == 60
    assert told["delivered"] + told["failed"] + told["unsent"] == told["generated"]
    assert "; 60 records were delivered, 30 failed" in outcome.err
    assert numbers(base) == [*range(60)]


def test_lost_connection_is_made_again(
    postgres: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction is written once more, whether its rows or its commit were cut off."""
    original, move, moves, open_moves = Database.commit, Place.move, [], []

    def moved(self: Place, database: Database, records: int) -> None:
        move(self, database, records)
        moves.append(records)
        open_moves.append(records)

    def commit(self: Database) -> None:
        of_records, number = bool(open_moves), len(moves)
        open_moves.clear()
        if of_records and number == 4:  # the commit takes effect, and its answer is lost
            original(self)
        if of_records and number in (2, 4):
            postgres.do(TERMINATE)
        original(self)

    monkeypatch.setattr(Database, "commit", commit)
    monkeypatch.setattr(Place, "move", moved)
    outcome = run(postgres, "--resume", str(tmp_path / "ck"), batch_records=20)
    assert outcome.status == 0, outcome.err
    assert numbers(postgres) == [*range(100)]
    assert moves == [20, 40, 40, 60, 80, 100]
    assert outcome.err.count("; trying again") == 2


def test_tables_that_another_part_creates_at_the_same_moment(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails for that is done once more, without a word; what fails again is an error."""
    original, failed = Database.run, []

    def run_statement(self: Database, query: str) -> None:
        if query.startswith("CREATE TABLE") and query not in failed:
            failed.append(query)
            raise DatabaseError("tuple concurrently updated")
        original(self, query)

    monkeypatch.setattr(Database, "run", run_statement)
    outcome = run(base, "--resume", str(tmp_path / "ck"), "-q")
    assert (outcome.status, outcome.err) == (0, "")
    assert len(failed) == 2
    assert numbers(base) == [*range(100)]


def test_server_that_comes_back_gets_the_rest(tmp_path: Path) -> None:
    """It dies as in a crash in the middle of a run, and is started again."""
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(folder)
        base = postgres_base(server.url)
        original, written = Database.ingest, []

        def ingest(self: Database, *arguments: object, **keys: object) -> None:
            written.append(1)
            if len(written) == 3:
                server.stop(signal.SIGQUIT)
                threading.Timer(0.1, server.start).start()
            original(self, *arguments, **keys)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Database, "ingest", ingest)
            outcome = run(base, "--resume", str(tmp_path / "ck"), batch_records=10)
        assert outcome.status == 0, outcome.err
        assert numbers(base) == [*range(100)]
        server.stop()
        gone = run(base, "--resume", str(tmp_path / "ck"), retry_seconds=0)
        assert gone.status == 1
        assert "; 0 records were delivered" in gone.err


def test_other_run_that_takes_over_ends_this_one(tmp_path: Path) -> None:
    """What it has not committed is taken back."""
    base = sqlite_base(str(tmp_path / "a.db"))
    target = TARGETS.parse(base.target())
    with target.open(None) as sink:  # type: ignore[arg-type]
        sink.enable_checkpoints(lambda: None)
        place = sink.position()
        with target.reopen(None, place):  # type: ignore[arg-type]
            sink.write(_one_record())
            with pytest.raises(Exception, match="another run has taken over"):
                sink.sync()
        assert (sink.delivered, sink.failed) == (0, 1)
    assert base.count("e") == 0


def test_locked_file_of_sqlite_is_waited_for(tmp_path: Path) -> None:
    """Another program may write to it, too."""
    base = sqlite_base(str(tmp_path / "a.db"))
    assert run(base, n=1).status == 0
    holder = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    holder.execute("begin immediate")
    timer = threading.Timer(0.3, lambda: holder.execute("commit"))
    timer.start()
    outcome = run(base, n=10)
    timer.join()
    holder.close()
    assert outcome.status == 0, outcome.err
    assert base.count("e") == 11


def _one_record() -> Rendered:
    """Return a record of COUNTED, rendered."""
    spec = io.BytesIO(json.dumps(COUNTED).encode())
    request = Request(config="-", start="2027-03-12", records=1, seed=1)
    plan, _ = load(request, 1, spec, lambda _: None)
    target = MemoryTarget()
    Run(replace(plan, target=target, format_override=DatabaseRows())).deliver(io.BytesIO())
    return Rendered((target.sink.payloads[-1],))

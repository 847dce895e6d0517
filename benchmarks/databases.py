"""Prints how fast records get into a database, in pairs with bare `adbc_ingest`: `python -m benchmarks.databases URI`.

Each pair runs a specification into empty tables, and has the rows of the same records, made before, ingested by ADBC's own package in
transactions of the same size. The first has to make the records too. Figures are medians over the pairs; with `--check` the exit
status is 1 where a run has less than 0.7 of the rate of bare ingestion.
"""

import argparse
import importlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

import generator
from benchmarks import specs
from benchmarks.measure import pair
from datagen.formats.database_rows import DatabaseRows
from datagen.formats.rendered import RecordTables
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.targets import TARGETS, MemoryTarget
from datagen.targets.sql.target import SqlTarget

LEAST = 0.7
SIZE = 100_000  # records of a transaction
FLAGS = ("-s", "2027-03-12", "--seed", "1", "-m", "1000")
Transactions = list[dict[str, list[Any]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.databases", description=__doc__)
    parser.add_argument("uri", help="of a database without tables")
    parser.add_argument("--check", action="store_true", help="fail below 0.7 of bare ingestion")
    parser.add_argument("--records", type=int, default=1_000_000, help="records of a run")
    parser.add_argument("--pairs", type=int, default=5, help="pairs for each figure")
    options = parser.parse_args(arguments)
    target = TARGETS.parse({"type": "sql", "uri": options.uri, "batch_records": SIZE})
    assert isinstance(target, SqlTarget)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "spec.json").write_text(json.dumps(specs.clickstream()), encoding="utf-8")
        ready = _transactions(f"{folder}/spec.json", options.records, target)
        ratios = []
        print("| | records/s | of bare adbc_ingest |\n|---|---:|---:|")
        for resume in (False, True):
            pairs = [
                pair(
                    lambda: _bare(target, ready),
                    lambda: _run(target, folder, options.records, resume=resume),  # noqa: B023 - called at once
                    number,
                )
                for number in range(options.pairs)
            ]
            ratio = median(bare / ours for bare, ours in pairs)
            rate = options.records / median(ours for _, ours in pairs)
            name = "with --resume" if resume else "without"
            print(f"| {name} | {rate:,.0f} | {ratio:.2f} |", flush=True)
            ratios.append(ratio)
        bare = options.records / median(bare for bare, _ in pairs)
        print(f"| bare adbc_ingest | {bare:,.0f} | |")
    return 1 if options.check and min(ratios) < LEAST else 0


def _transactions(path: str, records: int, target: SqlTarget) -> Transactions:
    """Return the rows of each transaction, by the names of tables."""
    request = Request(config=path, start="2027-03-12", records=records, seed=1, max_workers=1000)
    plan, _ = load(request, 1, io.BytesIO(), lambda _: None)
    memory = MemoryTarget()
    rows = DatabaseRows(keeps_nul=target.dialect.keeps_nul)
    Run(replace(plan, target=memory, format_override=rows)).deliver(io.BytesIO())
    found: Transactions = [{}]
    size = 0
    for payload in memory.sink.payloads:
        assert isinstance(payload, RecordTables)
        first = 0
        while first < len(payload):
            last = min(first + SIZE - size, len(payload))
            for name, table in payload.rows(first, last).rows_of.by_emitter():
                found[-1].setdefault(name, []).append(table)
            size, first = size + last - first, last
            if size == SIZE:
                found.append({})
                size = 0
    return found


def _emptied(target: SqlTarget) -> None:
    base = target.sink_options.address.connect()
    for name in ("click", "datagen_runs"):
        base.run(f'DROP TABLE IF EXISTS "{name}"')
    base.commit()
    base.close()


def _bare(target: SqlTarget, transactions: Transactions) -> float:
    """Return how many seconds the ingestion of transactions takes, into tables that are there."""
    _emptied(target)
    dbapi = importlib.import_module(f"adbc_driver_{target.database}.dbapi")
    with dbapi.connect(target.path or target.uri.get_secret_value()) as connection:
        with connection.cursor() as cursor:
            for name, tables in transactions[0].items():
                empty = pa.Table.from_batches(tables[:1]).slice(0, 0)
                cursor.adbc_ingest(name, empty, mode="create")
            connection.commit()
        began = time.monotonic()
        for transaction in transactions:
            with connection.cursor() as cursor:
                for name, tables in transaction.items():
                    cursor.adbc_ingest(name, pa.Table.from_batches(tables), mode="append")
            connection.commit()
        return time.monotonic() - began


def _run(target: SqlTarget, folder: str, records: int, *, resume: bool) -> float:
    """Return how many seconds a run takes, from its summary."""
    _emptied(target)
    summary, kept = Path(folder, "summary.json"), Path(folder, "ck")
    kept.unlink(missing_ok=True)
    words = ["-c", f"{folder}/spec.json", "-t", target.uri.get_secret_value(), "-n", str(records)]
    words += ["--summary", str(summary), "-q", *FLAGS, *(["--resume", str(kept)] if resume else [])]
    err = io.StringIO()
    if generator.main(words, io.BytesIO(), io.BytesIO(), err):
        raise RuntimeError(err.getvalue())
    return float(json.loads(summary.read_text())["seconds"])


if __name__ == "__main__":
    sys.exit(main())

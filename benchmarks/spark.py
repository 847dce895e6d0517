"""Prints what Spark costs beside the command line: `python -m benchmarks.spark`. It needs Java.

Rates are records per second of wall time, with `-m none`. The command line writes an Arrow file;
Spark writes to its sink `noop`, which takes all rows and keeps none. Of both, the time of a run of ten
records, the start-up, is taken off.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import generator

START, SEED = "2027-03-12", "1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark", description=__doc__)
    parser.add_argument("--records", type=int, default=3_000_000, help="records of a run")
    parser.add_argument("--preset", action="append", default=[], help="instead of the usual two")
    parser.add_argument("--cores", type=int, nargs="*", default=[1, 2], help="for Spark")
    options = parser.parse_args(arguments)
    presets = options.preset or ["clickstream", "web_access"]
    print("| case | start-up s | records/s |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for preset in presets:
            _line(f"{preset}, command line, Arrow file", partial(_written, folder, preset), options)
    for cores in options.cores:
        began = time.perf_counter()
        spark = _session(cores)
        print(f"| a session, local[{cores}] | {time.perf_counter() - began:.1f} | |")
        for preset in presets:
            case = f"{preset}, Spark, local[{cores}], {2 * cores} parts"
            _line(case, partial(_read, spark, preset, 2 * cores), options)
        spark.stop()
    return 0


def _line(case: str, run: Callable[[int], None], options: argparse.Namespace) -> None:
    """Print the time of a run of few records, the second one, and the rate of many."""
    few = [_seconds(run, 10) for _ in range(2)][-1]
    many = _seconds(run, options.records)
    print(f"| {case} | {few:.1f} | {options.records / max(many - few, 1e-9):,.0f} |", flush=True)


def _seconds(run: Callable[[int], None], records: int) -> float:
    began = time.perf_counter()
    run(records)
    return time.perf_counter() - began


def _written(folder: str, preset: str, records: int) -> None:
    target = Path(folder, "target.json")
    target.write_text(json.dumps({"type": "file", "path": f"{folder}/x.arrow"}), encoding="utf-8")
    flags = ["-c", preset, "-n", str(records), "-s", START, "--seed", SEED, "-m", "none", "-q"]
    if generator.main([*flags, "-t", str(target)]):
        raise SystemExit(1)


def _session(cores: int) -> Any:
    """Return a session of Spark whose workers run this Python."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - a second of the time that is measured

    import datagen.spark  # noqa: PLC0415

    os.environ.update(PYSPARK_PYTHON=sys.executable, PYTHONPATH=str(Path(__file__).parents[1]))
    builder = SparkSession.builder.master(f"local[{cores}]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    spark = builder.config("spark.log.level", "ERROR").getOrCreate()
    datagen.spark.register(spark)
    return spark


def _read(spark: Any, preset: str, parts: int, records: int) -> None:
    options = {"spec": preset, "start": START, "seed": SEED, "parts": parts, "records": records}
    frame = spark.read.format("datagen").options(**options).load()
    frame.write.format("noop").mode("overwrite").save()


if __name__ == "__main__":
    sys.exit(main())

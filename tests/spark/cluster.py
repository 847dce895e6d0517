"""A Spark of this machine: a cluster of executors that are processes of their own, or threads."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NEEDS_JAVA = pytest.mark.skipif(
    shutil.which("java") is None and not os.environ.get("CI"),
    reason="Spark runs on Java: apt-get install default-jre-headless",
)


@contextmanager
def session(master: str, folder: Path, **settings: str) -> Iterator[Any]:
    """Yield a session whose workers run this Python and this tree; only one at a time."""
    import pyspark
    from pyspark.sql import SparkSession

    import datagen.spark

    home = folder / "spark"  # a local cluster leaves its executors' output there
    home.mkdir()
    for path in Path(pyspark.__file__).parent.iterdir():
        (home / path.name).symlink_to(path)
    environment = {
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "SPARK_HOME": str(home),  # without it a local cluster starts no executors
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    before = dict(os.environ)
    os.environ.update(environment)
    builder = SparkSession.builder.master(master).appName("tests")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        **settings,
    }.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        spark.sparkContext.setLogLevel("ERROR")
        datagen.spark.register(spark)
        yield spark
    finally:
        spark.stop()
        os.environ.clear()
        os.environ.update(before)

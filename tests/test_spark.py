"""`import datagen.spark` makes the format known, or says what is missing."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import datagen.spark
from datagen.spark.source import GeneratedSource

ROOT = Path(__file__).parent.parent


class Session:
    """A session that keeps what is registered."""

    def __init__(self) -> None:
        self.registered: list[Any] = []
        self.dataSource = self

    def register(self, source: Any) -> None:
        self.registered.append(source)


def test_format_is_registered() -> None:
    """Its name is `datagen`."""
    session: Any = Session()
    datagen.spark.register(session)
    assert session.registered == [GeneratedSource]
    assert GeneratedSource.name() == "datagen"


def test_without_spark_one_line_says_how_to_get_it() -> None:
    """Nothing about modules."""
    code = (
        "import importlib.util as util, sys; find = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'pyspark' else find(name, *more)\n"
        "import datagen.spark"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    *_, last = done.stderr.splitlines()
    assert last == "ImportError: datagen.spark needs Spark 4: pip install 'pyspark>=4'"


def test_session_of_an_older_spark_is_told() -> None:
    """It has no data sources in Python."""
    session: Any = object()
    with pytest.raises(ImportError, match="needs Spark 4"):
        datagen.spark.register(session)


def test_importing_it_is_light() -> None:
    """Spark itself is imported to register, not before."""
    code = "import datagen.spark, sys; print('pyspark' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False False\n"

"""Whether a run can be limited by bytes."""

from dataclasses import replace

import pytest

import datagen
from datagen.errors import UsageError
from datagen.formats.columnar import Parquet
from datagen.running.text_size import check_limit
from tests.running.test_plan import plan
from tests.support.machines import ENDING


def test_columns_have_no_size() -> None:
    """A limit of records is one, and so is one of bytes of text."""
    columns = replace(plan(max_records=3), format_override=Parquet())
    check_limit(columns)
    check_limit(plan(max_bytes=3))
    with pytest.raises(UsageError, match="--bytes: records in the format parquet have no size"):
        check_limit(replace(columns, max_bytes=3))


def test_text_that_shows_numbers_of_events_is_not_measured_beside_columns() -> None:
    """A program that takes records has nobody who counts events; without a limit of bytes that is no matter."""
    spec = {**ENDING, "format": {"type": "pattern", "pattern": "{@event} {time}"}}
    with pytest.raises(datagen.Error, match="records show the numbers of their events"):
        datagen.generate(spec, bytes=500)
    assert len(list(datagen.generate(spec, records=3))) == 3

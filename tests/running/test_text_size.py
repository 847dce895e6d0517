"""Whether a run can be limited by bytes."""

from dataclasses import replace

import pytest

from datagen.errors import UsageError
from datagen.formats.columnar import Parquet
from datagen.running.text_size import check_limit
from tests.running.test_plan import plan


def test_columns_have_no_size() -> None:
    """A limit of records is one, and so is one of bytes of text."""
    columns = replace(plan(max_records=3), format_override=Parquet())
    check_limit(columns)
    check_limit(plan(max_bytes=3))
    with pytest.raises(UsageError, match="--bytes: records in the format parquet have no size"):
        check_limit(replace(columns, max_bytes=3))

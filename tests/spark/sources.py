"""Records of the data source without Spark: what its readers would be made of."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from datagen.spark.options import source_options
from datagen.spark.records import PartedRecords, parted_records

START = "2027-03-12"


def records_of(spec: str, **options: Any) -> PartedRecords:
    """Return the records that options ask for, from a specification's name."""
    given = {"spec": spec, "start": START, "seed": 1, **options}
    return parted_records(source_options({name: str(value) for name, value in given.items()}))


def table(batches: Iterator[Any], schema: Any) -> Any:
    """Return record batches as one table."""
    return pa.Table.from_batches(list(batches), schema).combine_chunks()


def part(records: PartedRecords, index: int) -> Any:
    """Return all records of a part as a table."""
    return table(records.of_part(index), records.schema)

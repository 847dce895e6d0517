"""The data source, whose tasks fail in the middle of their rows when they are first run."""

import os
import signal
from collections.abc import Iterator, Sequence
from typing import Any

from pyspark import TaskContext
from pyspark.sql.datasource import DataSourceReader, InputPartition
from pyspark.sql.types import StructType

from datagen.spark.source import GeneratedSource


class FlakySource(GeneratedSource):
    """Fails after the second batch of rows: every other task by an error, the others by SIGKILL."""

    @classmethod
    def name(cls) -> str:
        return "flaky"

    def reader(self, schema: StructType) -> DataSourceReader:
        return FlakyReader(super().reader(schema))


class FlakyReader(DataSourceReader):
    """Reads as another reader does, the second time."""

    def __init__(self, reader: DataSourceReader) -> None:
        self.reader = reader

    def partitions(self) -> Sequence[InputPartition]:
        return [*self.reader.partitions()]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        for number, batch in enumerate(self.reader.read(partition)):
            yield batch
            context = TaskContext.get()
            if number == 1 and context is not None and context.attemptNumber() == 0:
                if partition.value % 2:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise RuntimeError("in the middle")

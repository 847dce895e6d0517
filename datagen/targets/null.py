"""Discards records."""

from typing import BinaryIO, Literal

from datagen.formats.rendered import Rendered
from datagen.targets.base import TARGETS, Target
from datagen.targets.sink import Sink


@TARGETS.register
class NullTarget(Target):
    """Counts records and discards them."""

    type: Literal["null"] = "null"

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return NullSink()


class NullSink(Sink):
    """Counts what it discards as delivered."""

    def write(self, records: Rendered) -> None:
        self.delivered += len(records)
        self.bytes += len(records.as_bytes().data)

"""Writes the instant of a record as `time` says: in an output, and only there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from datagen.batch import Batch, Group
from datagen.columns.column import Column
from datagen.columns.column_type import INSTANT, ColumnType
from datagen.columns.instant_format import InstantFormat
from datagen.curves.zone_style import ZoneStyle
from datagen.errors import Path
from datagen.instants import Style
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.spec.time_form import TimeForm
from datagen.validation import quoted

TIME = "time"  # what the clock of a record is called everywhere else


def time_problems(form: TimeForm, spec: Specification) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with a form for the records of a specification."""
    if not spec.has_workers:
        yield (), "a replay writes times as its file does"
        return
    for emitter, columns in spec.record_schema.emitters.items() if spec.schema_known else ():
        if form.name != TIME and form.name in columns and _is_timed(columns):
            text = f"the emitter {quoted(emitter)} has a field {quoted(form.name)} already"
            yield ("name",), text


@dataclass(frozen=True)
class TimeWriter:
    """Writes instants by a form; it `renames` them where the names of fields are in the output."""

    form: TimeForm
    renames: bool

    def schema(self, record_schema: RecordSchema) -> RecordSchema:
        """Return the columns of records that are written so."""
        return RecordSchema(
            self._columns(record_schema.columns),
            {
                emitter: self._columns(columns)
                for emitter, columns in record_schema.emitters.items()
            },
        )

    def batch(self, batch: Batch) -> Batch:
        """Return the records of a batch, written so."""
        groups = tuple(self._group(each, batch.style) for each in batch.groups)
        return replace(batch, groups=groups)

    def _columns(self, columns: Mapping[str, ColumnType]) -> Mapping[str, ColumnType]:
        if not _is_timed(columns):
            return columns
        own = INSTANT if self.form.format is None else InstantFormat(self.form.format).column_type
        return {
            self._name if name == TIME else name: own if name == TIME else each
            for name, each in columns.items()
        }

    @property
    def _name(self) -> str:
        return self.form.name or TIME if self.renames else TIME

    def _group(self, group: Group, style: Style) -> Group:
        sections = []
        for section in group.sections:
            if TIME in section.names:
                place = section.names.index(TIME)
                names, columns = [*section.names], [*section.columns]
                names[place] = self._name
                columns[place] = self._written(columns[place], style)
                sections.append(replace(section, names=tuple(names), columns=tuple(columns)))
            else:
                sections.append(section)
        return replace(group, sections=tuple(sections))

    def _written(self, column: Column, style: Style) -> Column:
        if column.present is not None or (self.form.format is None and self.form.timezone is None):
            return column
        if self.form.timezone is not None:
            style = ZoneStyle(zone=self.form.timezone)
        instants = column.to_arrow(INSTANT).cast(pa.int64()).to_numpy(zero_copy_only=False)
        return InstantFormat(self.form.format or "iso").column(instants, style)


def _is_timed(columns: Mapping[str, ColumnType]) -> bool:
    """Return whether records have the clock: a field of that name that is an instant."""
    return columns.get(TIME) == INSTANT

"""Makes the texts of fields of the type `variable:template`, in the way in which records are made by templates."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.batch import EMITTER, Group, Section
from datagen.columns.column_type import TEXT, ColumnType
from datagen.columns.literal import nulls
from datagen.errors import DatagenError
from datagen.fields.draw import Draw
from datagen.spec.document import Template
from datagen.spec.record_schema import RecordSchema
from datagen.validation import quoted

if TYPE_CHECKING:
    from datagen.formats.template import TemplateFormatter


class VariableTexts:
    """Makes texts of variables of these types; one that no state sets is null.

    `failure` is the earliest instant at which one could not be made, and why.
    """

    def __init__(self, types: Mapping[str, ColumnType]) -> None:
        self._types = types
        self._formatters: dict[str, TemplateFormatter] = {}
        self._stopped: Callable[[], bool] | None = None
        self.failure: tuple[int, DatagenError] | None = None

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have templates ask in between whether nobody waits for more."""
        self._stopped = stopped
        for each in self._formatters.values():
            each.stop_when(stopped)

    def texts(self, template: str, names: Sequence[str], draw: Draw) -> TextArray:
        """Return the text at each visit of a draw; the template reads the variables `names`.

        From a visit on at which it cannot be made the texts are empty.
        """
        rows, variables = np.arange(len(draw)), draw.context.variables
        columns = [variables.get(name) for name in names]
        section = Section(
            tuple(names),
            tuple(nulls(len(rows)) if each is None else each.take(draw.rows) for each in columns),
        )
        lines, stop = self._formatter(template, names, draw.path[-1]).texts(
            Group("", rows, (section,)), draw.context.style
        )
        if stop is not None:
            row, error = stop
            failed = int(draw.times[row]), error
            self.failure = min(failed, self.failure or failed, key=lambda failure: failure[0])
        return pc.utf8_slice_codeunits(lines, 0, -1)  # without the end of the line

    def _formatter(self, template: str, names: Sequence[str], name: str) -> "TemplateFormatter":
        from datagen.formats.template import TemplateFormatter  # noqa: PLC0415 - few fields need it

        if template not in self._formatters:
            types = {each: self._types.get(each, TEXT) for each in (*names, EMITTER)}
            made = TemplateFormatter(
                f"of the field {quoted(name)}",
                Template(body=template),
                RecordSchema(types, {"": types}),
            )
            if self._stopped is not None:
                made.stop_when(self._stopped)
            self._formatters[template] = made
        return self._formatters[template]

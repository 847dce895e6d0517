"""The field type `variable:template`: a text made of what the worker remembers, in Jinja2's language.

Jinja2 is imported inside functions, when there is such a field.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from datagen.columns.column import Column
from datagen.columns.column_type import TEXT
from datagen.columns.scalar import TextColumn
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Draw
from datagen.validation import UnicodeText


@FIELDS.register
class TemplateField(Field):
    """The text of `template` over the variables as they are at the visit."""

    type: Literal["variable:template"] = "variable:template"
    pure = False
    is_template = True
    value_type = TEXT
    template: UnicodeText

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        from datagen.language.calls import Calls  # noqa: PLC0415 - Jinja2
        from datagen.templating import Sandbox, TemplateError, check_template  # noqa: PLC0415 - Jinja2

        try:
            check_template(
                self.template, dict.fromkeys(self._names), Sandbox(functions=Calls(timeline=None))
            )
        except TemplateError as error:
            for text in error.texts:
                yield ("template",), text

    def undecidable(self) -> str:
        return "a template"

    def values(self, draw: Draw) -> Column:
        texts = draw.context.templates
        assert texts is not None  # whoever evaluates fields that read variables brings it
        return TextColumn(texts.texts(self.template, self._names, draw))

    def variables_read(self) -> tuple[str, ...]:
        return self._names

    @cached_property
    def _names(self) -> tuple[str, ...]:
        from datagen.language.calls import Calls  # noqa: PLC0415 - Jinja2
        from datagen.templating import free_names  # noqa: PLC0415 - Jinja2

        return free_names(self.template, Calls(timeline=None))

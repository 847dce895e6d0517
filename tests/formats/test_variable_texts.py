"""Texts of templates over variables, from columns."""

import numpy as np

from datagen.columns.column_type import INT, TEXT
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn
from datagen.fields.draw import Context, Draw
from datagen.formats.variable_texts import VariableTexts


def draw_of(**columns: list[object]) -> Draw:
    """Return a draw of three visits, at the instants 10, 20 and 30, that sees some variables."""
    variables = {
        name: IntColumn(np.array(values)) if name == "n" else LiteralColumn(values)
        for name, values in columns.items()
    }
    bits, times = np.zeros(3, dtype=np.uint64), np.array([10, 20, 30])
    context = Context(np.uint64(0), variables=variables)
    return Draw(bits, times, np.arange(3), ("states", "s", "variables", "v"), context)


def test_texts_by_columns_and_by_jinja() -> None:
    """Both give the same; what is unknown is null."""
    draw = draw_of(n=[1, 2, 3], t=["a", None, "c"])
    made = VariableTexts({"n": INT, "t": TEXT})
    assert made.texts("{{ n + 1 }}{{ t }}{{ u }}", ("n", "t", "u"), draw).to_pylist() == [
        "2a",
        "3",
        "4c",
    ]
    loop = "{% for i in range(n) %}{{ t or '-' }}{% endfor %}"
    assert made.texts(loop, ("n", "t"), draw).to_pylist() == ["a", "--", "ccc"]
    assert made.failure is None


def test_earliest_failure_is_kept() -> None:
    """With its instant and the name of the field."""
    made = VariableTexts({"n": INT})
    made.texts("{{ 1 // (3 - n) }}", ("n",), draw_of(n=[1, 2, 3]))
    made.texts("{{ 2 // (2 - n) }}", ("n",), draw_of(n=[1, 2, 3]))
    made.texts("{{ 3 // (3 - n) }}", ("n",), draw_of(n=[1, 2, 3]))
    assert made.failure is not None
    assert made.failure[0] == 20
    assert str(made.failure[1]) == 'template of the field "v": line 1: division by zero'

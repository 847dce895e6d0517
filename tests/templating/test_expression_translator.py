"""Translating parts of templates to expressions; that both give the same is in formats/test_template."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import Column
from datagen.columns.column_type import INSTANT, INT, JSON, TEXT
from datagen.columns.scalar import InstantColumn, IntColumn, TextColumn
from datagen.expressions.vectors import Rows
from datagen.instants import NAIVE
from datagen.templating.checking import check_template
from datagen.templating.expression_translator import ExpressionTranslator
from datagen.templating.obstacles import NotTranslatableError
from datagen.templating.sandbox import Sandbox

TYPES = {"i": INT, "t": TEXT, "at": INSTANT, "any": JSON}
COLUMNS: dict[str, Column] = {
    "i": IntColumn(np.array([1, 20])),
    "t": TextColumn(pa.array(["", "a b"])),
    "at": InstantColumn(np.array([0, 60_000_000]), NAIVE),
}


def translated(body: str) -> list[str]:
    """Return the texts of the first part of a template, by its expression."""
    sandbox = Sandbox()
    node = check_template(body, TYPES, sandbox).tree.body[0]
    texts = ExpressionTranslator(TYPES, sandbox, {}).text(node).evaluate(Rows(COLUMNS, 2))
    assert isinstance(texts, pa.StringArray)
    return [str(text) for text in texts]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("{{ i }}", ["1", "20"]),
        ("{{ 100 - i * 2 }}", ["98", "60"]),
        ("{{ t|replace(' ', '_')|upper }}", ["", "A_B"]),
        ("{{ t or '-' }}/{{ t|length }}", ["-/0", "a b/3"]),
        ("{{ at.strftime('%M') }}:{{ at.timestamp() }}", ["00:0.0", "01:60.0"]),
        ("{% if i > 5 %}{{ i }}{% elif i == 1 %}?{% else %}x{% endif %}", ["?", "20"]),
        ("{{ 5 < i and 'b' }}", ["false", "b"]),
        ("{{ i not in (1, 2) }}", ["false", "true"]),
        ("{{ ('b' in t) ~ ('!' if t is defined) }}", ["false!", "true!"]),
        ("{{ i|default(3, true) ~ '%' }}", ["1%", "20%"]),
        ("{{ (i + i / 2) * i }}", ["1.5", "600.0"]),
        ("{{ t + '/' + t }}", ["/", "a b/a b"]),
        ("{{ 0 < i < i * 2 < 30 }}", ["true", "false"]),
        ("{{ i in (i, 3) and t not in ('', t ~ t) }}", ["false", "true"]),
        ("{{ (at - at).total_seconds() + i }}", ["1.0", "20.0"]),
        ("{{ (t or 'none')|upper }} {{ (i if t else 5) * 2 }}", ["NONE 10", "A B 40"]),
    ],
)  # fmt: skip
def test_translated(body: str, texts: list[str]) -> None:
    """Constants are computed while translating; a constant on the left swaps a comparison."""
    assert translated(body) == texts


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ i + t }}", "line 1: arithmetic with a text"),
        ("{{ t|replace(t, 'x') }}", "line 1: a field as an argument of a filter"),
        ("{{ at - i }}", "line 1: arithmetic with an instant"),
        ("{{ at < i }}", "line 1: a comparison of an instant"),
        ("{{ (i if i else t) + 1 }}", "line 1: a choice between values of several types"),
        ("{{ t + 1 }}", "line 1: arithmetic with a text"),
        ("{{ i + 'x' }}", "line 1: arithmetic with a value that is not a number"),
        ("{{ i * 9007199254740992 }}", "line 1: a number that is too large"),
        ("{{ any|int }}", "line 1: the filter int of a value of an unsuitable type"),
        ("{{ i|round(1, 'floor') }}", "line 1: the filter round with these arguments"),
        ("{{ i in any }}", 'line 1: "in" without a list'),
        ("{{ i in 'x' }}", 'line 1: "in" without a list'),
        ("{{ at == 1 }}", "line 1: a comparison of an instant"),
        ("{{ at.date() }}", 'line 1: the method "date"'),
        ("{{ i + 1 // 0 }}", "line 1: what Jinja2 calls FloorDiv"),
    ],
)
def test_not_translatable(body: str, message: str) -> None:
    """The message names the line and what prevents it."""
    with pytest.raises(NotTranslatableError) as error:
        translated(body)
    assert str(error.value) == message


def test_fields_of_a_part() -> None:
    """Each once, in the order in which it reads them."""
    sandbox = Sandbox()
    tree: Any = check_template("{{ t ~ i ~ t }}", TYPES, sandbox).tree
    assert ExpressionTranslator(TYPES, sandbox, {}).fields(tree.body[0]) == ["t", "i"]


def test_choices_within_each_other_are_given_up() -> None:
    """Each asks for the truth and the text of what is left: work that doubles with each."""
    body = "t"
    for _ in range(30):
        body = f"(({body}) or 'a')|upper"
    with pytest.raises(NotTranslatableError, match="line 1: too many choices in each other"):
        translated(f"{{{{ {body} }}}}")

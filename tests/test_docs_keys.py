"""Keys, types and values that the docs name outside of tables and commands exist in the models.

A page that said `"framing": "octet"`, which no target knows, would be found here.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.columns.instant_format import NAMES as INSTANT_FORMATS
from datagen.curves.curve import CURVES, Component
from datagen.disorder.effects import EFFECTS
from datagen.distributions.base import DISTRIBUTIONS
from datagen.fields import FIELDS, LimitedField
from datagen.fields.instants import INSTANTS
from datagen.formats import FORMATS
from datagen.spec.process import STATES
from datagen.targets import TARGETS
from datagen.targets.envelopes import ENVELOPES
from datagen.validation import Family, Model
from tests.test_docs import (
    DOCS,
    FENCE,
    FRAGMENTS,
    PAGES,
    PRESETS,
    ROOT,
    TYPES,
    Block,
    content,
    keys_of,
    named,
)

FAMILIES: tuple[Family[Any], ...] = (
    CURVES,
    DISTRIBUTIONS,
    EFFECTS,
    FIELDS,
    FORMATS,
    STATES,
    TARGETS,
    ENVELOPES,
)
MODELS: set[type[Model]] = {
    *(model for *_, model, _ in TYPES),
    *(model for family in FAMILIES for model in family.values()),
    *INSTANTS.values(),
    LimitedField,
    Component,
}
KEYS = {key for model in MODELS for key in keys_of(model)}
KINDS = {kind for family in FAMILIES for kind in family}
ELSEWHERE = {"optional", "errors"}  # of a target within another; of what a server answers
REFERENCE = (
    *(
        "columns",
        "curves",
        "disorder",
        "distributions",
        "fields",
        "formats",
        "json",
        "kafka",
        "process",
    ),
    *("replay", "specification", "targets", "templates"),
)
# words on these pages that are values, parts of other languages, or what a program says
WORDS = {
    *("true", "false", "time", "stop", "infinity", "delivered", "code", "e", "id"),
    *("hours", "office", "message"),
    *("errors", "status", "filter_path"),  # of Elasticsearch's answers
    *("syslog", "rfc", "facility", "severity", "app", "structured"),  # of its messages
    *("postgresql", "sqlite", "duckdb", "clickhouse"),
    *("run", "holder", "records", "datagen_runs", "ctid", "id", "uuid", "inet", "numeric", "jsonb"),
    *("population", "state", "visit", "worker", "event_number"),
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun", "arrivals", "workers", "peak", "tzdata"),
    *("bool", "int", "strftime", "strptime", "item", "item_number"),
    *("array", "boolean", "doc", "double", "long", "record"),
    *("and", "not", "or", "none", "env", "self", "block", "extends", "import", "include"),
    *("dict", "join", "lipsum", "random", "range", "replace", "am", "mar"),
}
PAIR = re.compile(r'`("(\w+)": [^`]+)`')
WORD = re.compile(r"`([a-z]+(?:_[a-z]+)*)`")


def prose(page: Path) -> str:
    """Return the text of a page without its blocks."""
    return FENCE.sub("", content(page))


@cache
def adapters(key: str) -> list[TypeAdapter[Any]]:
    """Return what checks the values of a key, for each model that has it."""
    kinds: list[Any] = [
        Annotated[field.annotation, None, *field.metadata]
        for model in MODELS
        for name, field in model.model_fields.items()
        if (field.alias or name) == key
    ]
    return [TypeAdapter(kind) for kind in kinds]


def accepts(adapter: TypeAdapter[Any], value: Any) -> bool:
    """Return whether a key takes a value."""
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def is_known(key: str, value: Any) -> bool:
    """Return whether some model has a key that takes a value."""
    return key in ELSEWHERE or any(accepts(each, value) for each in adapters(key))


PAIRS = [(page, text) for page in PAGES for text, _ in PAIR.findall(prose(page))]


@pytest.mark.parametrize(
    ("page", "text"), PAIRS, ids=[f"{page.name}-{text}" for page, text in PAIRS]
)
def test_key_with_a_value_in_a_sentence_exists(page: Path, text: str) -> None:
    """And takes that value."""
    assert all(is_known(key, value) for key, value in json.loads(f"{{{text}}}").items())


def test_invented_values_and_keys_are_seen() -> None:
    """The test above can fail."""
    assert not is_known("framing", "octet")
    assert not is_known("framings", "newline")
    assert PAIR.findall('a target with `"framing": "octet"`, or') == [
        ('"framing": "octet"', "framing")
    ]


@pytest.mark.parametrize("name", REFERENCE)
def test_words_of_a_reference_page_exist(name: str) -> None:
    """What stands in backticks is a key, a type, a value of one, or one of a few other words."""
    values = {
        value
        for model in MODELS
        for field in model.model_fields.values()
        for value in _literals(field.annotation)
    }
    known = KEYS | KINDS | WORDS | {*PRESETS} | {*INSTANT_FORMATS} | values
    assert {*WORD.findall(prose(DOCS / f"{name}.md"))} - known == set()


def _literals(annotation: Any) -> Iterator[Any]:
    """Yield the values of all literal types within a type."""
    for each in get_args(annotation):
        yield from [each] if isinstance(each, str) else _literals(each)


@pytest.mark.parametrize("name", PRESETS)
def test_words_of_a_preset_page_exist(name: str) -> None:
    """What stands in backticks is in the preset, or is the name of a file of `conf`."""
    preset = (ROOT / "conf" / "gen" / f"{name}.json").read_text(encoding="utf-8")
    files = {path.stem for path in (ROOT / "conf").rglob("*.*")}
    words = (
        {*WORD.findall(prose(DOCS / "presets" / f"{name}.md"))}
        - KEYS
        - KINDS
        - files
        - {"stop", "time", "born", "psql"}
    )
    assert {word for word in words if not re.search(rf"\b{word}\b", preset)} == set()


UNTYPED = [(block, data) for block, data in FRAGMENTS if "type" not in data]


@named(UNTYPED)
def test_keys_of_a_fragment_exist(block: Block, thing: Any) -> None:
    """Each is a key of a model that takes its value; of a value of a preset, all are in the preset."""
    unknown = {key for key, value in thing.items() if not is_known(key, value)}
    preset = ROOT / "conf" / "gen" / f"{block.page.stem}.json"
    if preset.exists() and unknown:
        assert set(thing) <= _keys_in(json.loads(preset.read_text(encoding="utf-8")))
    else:
        assert unknown == set()


def _keys_in(node: Any) -> set[str]:
    """Return the keys of all objects within a document."""
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = {*node} if isinstance(node, dict) else set[str]()
    return own.union(*map(_keys_in, below))

"""What holds for every registered field type, wherever a field may stand."""

import json

import pytest

from datagen.fields import FIELDS
from tests.support.fields import (
    EXAMPLES,
    GONE,
    LIMITED,
    LOOKS,
    MOMENTS,
    PLACES,
    REMEMBERED,
    Place,
    as_variables,
    columns,
    enum,
    floats,
    instants,
    integers,
    limited,
    lists,
    objects,
    ranges,
    records,
    refusal,
    texts,
    uniform,
)
from tests.support.machines import Spec, constant


def test_every_type_is_tested() -> None:
    """A new type needs an example here, and what its values look like."""
    assert set(EXAMPLES) == set(FIELDS)
    assert set(LOOKS) == set(FIELDS)


def test_values_have_their_type() -> None:
    """Each type writes JSON of its own kind, and neither null nor nothing unless asked."""
    for kind, column in zip(EXAMPLES, columns(*EXAMPLES.values()), strict=True):
        assert [value for value in column if not LOOKS[kind](value)] == [], kind


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (kind, place)
        for kind in sorted(FIELDS)
        for place in PLACES
        if (kind, place) != ("variable", as_variables)  # a variable refers to no other
    ],
)
def test_nulls_and_missing_values(kind: str, place: Place) -> None:
    """Percentages of 0, 50 and 100 hold wherever a field may stand; missing is decided first."""
    chances = [(0, 0), (100, 0), (0, 100), (100, 100), (50, 0), (0, 50), (100, 50), (50, 50.5)]
    fields = [
        {**EXAMPLES[kind], "percent_nulls": null, "percent_missing": missing}
        for null, missing in chances
    ]
    counts = [
        (column.count(None), column.count(GONE), sum(map(LOOKS[kind], column)))
        for column in place(fields)
    ]
    assert counts[:4] == [(0, 0, 200), (200, 0, 0), (0, 200, 0), (0, 200, 0)]
    expected = [(100, 0, 100), (0, 100, 100), (100, 100, 0), (50, 100, 50)]
    for found, wanted in zip(counts[4:], expected, strict=True):
        assert sum(found) == 200
        for one, other in zip(found, wanted, strict=True):
            assert abs(one - other) <= 35 * (other > 0)


def evenly(*values: str) -> Spec:
    """Return an enum whose values are as likely."""
    return {"type": "enum", "values": list(values)}


# without effect on a field that stands alone: see tests/spec/test_own_names.py, tests/guarantees/test_counting.py
OF_OTHERS = {("expression", "initial"), ("counter", "sequence")}
LIMIT = {"cardinality": 3, "cardinality_distribution": constant(0)}
CHANGES: dict[tuple[str, str], tuple[Spec, Spec]] = {  # kind, key: the field before and after
    **{(kind, "percent_nulls"): (EXAMPLES[kind], {**EXAMPLES[kind], "percent_nulls": 30}) for kind in FIELDS},
    **{(kind, "percent_missing"): (EXAMPLES[kind], {**EXAMPLES[kind], "percent_missing": 30}) for kind in FIELDS},
    **{(kind, "cardinality"): ({**EXAMPLES[kind], **LIMIT}, {**EXAMPLES[kind], **LIMIT, "cardinality": 0}) for kind in LIMITED},
    **{(kind, "cardinality_distribution"): ({**EXAMPLES[kind], **LIMIT}, limited(EXAMPLES[kind], 3)) for kind in LIMITED},
    ("int", "distribution"): (integers(uniform(1, 5)), integers(uniform(1, 6))),
    ("float", "distribution"): (floats(uniform(1, 5)), floats(uniform(1, 6))),
    ("float", "precision"): (floats(uniform(1, 5), precision=2), floats(uniform(1, 5), precision=1)),
    ("string", "length_distribution"): (texts(constant(3)), texts(constant(4))),
    ("string", "chars"): (texts(constant(3)), texts(constant(3), chars="ab")),
    ("pattern", "pattern"): (EXAMPLES["pattern"], {"type": "pattern", "pattern": "[a-z]{4}"}),
    ("person", "locale"): (EXAMPLES["person"], {"type": "person", "locale": "de_DE"}),
    ("person", "field"): (EXAMPLES["person"], {"type": "person", "field": "email"}),
    **{(kind, "locale"): (EXAMPLES[kind], {"type": kind, "locale": "fr_FR"}) for kind in ("city", "address", "phone", "company")},
    **{(kind, "field"): (EXAMPLES[kind], {**EXAMPLES[kind], "field": part})
       for kind, part in {"city": "population", "address": "street", "phone": "national", "company": "domain"}.items()},
    ("faker", "provider"): (EXAMPLES["faker"], {**EXAMPLES["faker"], "provider": "word"}),
    ("faker", "locale"): ({"type": "faker", "provider": "job"}, {"type": "faker", "provider": "job", "locale": "de_DE"}),
    ("faker", "distinct"): (EXAMPLES["faker"], {**EXAMPLES["faker"], "distinct": 2}),
    ("user_agent", "bots"): (EXAMPLES["user_agent"], {"type": "user_agent", "bots": 0.5}),
    ("user_agent", "field"): (EXAMPLES["user_agent"], {"type": "user_agent", "field": "browser"}),
    ("lorem", "words"): ({"type": "lorem", "words": 2}, {"type": "lorem", "words": 3}),
    ("lorem", "sentences"): (EXAMPLES["lorem"], {"type": "lorem", "sentences": 2}),
    ("domain", "tlds"): (EXAMPLES["domain"], {"type": "domain", "tlds": ["test"]}),
    ("url", "tlds"): (EXAMPLES["url"], {"type": "url", "tlds": ["test"]}),
    ("url", "schemes"): (EXAMPLES["url"], {"type": "url", "schemes": ["http"]}),
    ("url", "depth"): (EXAMPLES["url"], {"type": "url", "depth": 9}),
    ("file_path", "depth"): (EXAMPLES["file_path"], {"type": "file_path", "depth": 9}),
    ("file_path", "extensions"): (EXAMPLES["file_path"], {"type": "file_path", "extensions": ["h5"]}),
    ("geo", "lat"): (EXAMPLES["geo"], {**EXAMPLES["geo"], "lat": 52}),
    ("geo", "lon"): (EXAMPLES["geo"], {**EXAMPLES["geo"], "lon": 13}),
    ("geo", "radius_km"): (EXAMPLES["geo"], {**EXAMPLES["geo"], "radius_km": 11}),
    ("geo", "spread"): (EXAMPLES["geo"], {**EXAMPLES["geo"], "spread": "normal"}),
    ("hash", "bits"): (EXAMPLES["hash"], {"type": "hash", "bits": 128}),
    ("mac", "prefix"): (EXAMPLES["mac"], {"type": "mac", "prefix": "00:50:56"}),
    ("mac", "separator"): (EXAMPLES["mac"], {"type": "mac", "separator": ""}),
    ("credit_card", "network"): (EXAMPLES["credit_card"], {"type": "credit_card", "network": "amex"}),
    ("credit_card", "field"): (EXAMPLES["credit_card"], {"type": "credit_card", "field": "number"}),
    ("iban", "country"): (EXAMPLES["iban"], {"type": "iban", "country": "FR"}),
    ("timestamp", "distribution"): (instants(MOMENTS), instants({**MOMENTS, "max": "2021-01-01"})),
    ("ipaddress", "cidr"): (ranges("10.0.0.0/8"), ranges("10.0.0.0/9")),
    ("ipaddress", "distribution"): tuple({"type": "ipaddress", "distribution": constant(n)} for n in (1, 2)),  # type: ignore[dict-item]
    ("counter", "start"): (EXAMPLES["counter"], {"type": "counter", "start": 1}),
    ("counter", "increment"): (EXAMPLES["counter"], {"type": "counter", "increment": 2}),
    ("counter", "per"): (EXAMPLES["counter"], {"type": "counter", "per": "remembered % 3"}),
    ("expression", "precision"): ({"type": "expression", "expr": "remembered / 7"}, {"type": "expression", "expr": "remembered / 7", "precision": 1}),
    ("enum", "weights"): (evenly("a", "b"), {**evenly("a", "b"), "weights": [1, 0]}),
    ("enum", "values"): (enum("a", "b"), enum("a", "c")),
    ("enum", "cardinality_distribution"): (enum("a", "b"), enum("a", "b", pick=constant(0))),
    ("object", "dimensions"): (EXAMPLES["object"], objects({"name": "other", "type": "uuid"})),
    ("list", "elements"): (EXAMPLES["list"], lists({"type": "uuid"})),
    ("list", "length_distribution"): (lists({"type": "uuid"}), lists({"type": "uuid"}, length=constant(2))),
    ("list", "selection_distribution"): (EXAMPLES["list"], {**EXAMPLES["list"], "selection_distribution": constant(0)}),
    **{(f"{kind}:static", "value"): tuple({"type": f"{kind}:static", "value": value} for value in values)  # type: ignore[misc]
       for kind, values in {"string": "ab", "int": (1, 2), "float": (0.5, 1), "bool": (True, False)}.items()},
    ("variable", "variable"): (EXAMPLES["variable"], {"type": "variable", "variable": "other"}),
    ("variable", "field"): ({"type": "variable", "variable": "other"}, {"type": "variable", "variable": "other", "field": "a"}),
    ("variable:template", "template"): (EXAMPLES["variable:template"], {"type": "variable:template", "template": "{{ other }}"}),
    ("expression", "expr"): (EXAMPLES["expression"], {"type": "expression", "expr": "remembered + 2"}),
    ("switch", "on"): (EXAMPLES["switch"], {**EXAMPLES["switch"], "on": "1", "default": {"type": "counter"}}),
    ("switch", "cases"): (EXAMPLES["switch"], {**EXAMPLES["switch"], "cases": {"0": {"type": "counter"}}}),
    ("switch", "default"): (EXAMPLES["switch"], {**EXAMPLES["switch"], "default": {"type": "counter"}}),
    ("row", "table"): (EXAMPLES["row"], {"type": "row", "table": "few"}),
    ("row", "pick"): (EXAMPLES["row"], {**EXAMPLES["row"], "pick": constant(1)}),
    ("row", "field"): (EXAMPLES["row"], {**EXAMPLES["row"], "field": "city"}),
    ("entity", "entity"): (EXAMPLES["entity"], {"type": "entity", "entity": "others"}),
    ("entity", "pick"): (EXAMPLES["entity"], {**EXAMPLES["entity"], "pick": "each"}),
    ("entity", "field"): (EXAMPLES["entity"], {**EXAMPLES["entity"], "field": "n"}),
    ("entity", "new"): ({"type": "entity", "entity": "made"}, {"type": "entity", "entity": "made", "new": True}),
    ("entity", "where"): (EXAMPLES["entity"], {**EXAMPLES["entity"], "where": "id > 4"}),
    ("clock", "timezone"): (EXAMPLES["clock"], {"type": "clock", "timezone": "Asia/Tokyo"}),
    ("timestamp", "timezone"): (instants(MOMENTS), instants(MOMENTS, timezone="Asia/Tokyo")),
    ("clock", "format"): (EXAMPLES["clock"], {"type": "clock", "format": "%H"}),
    ("timestamp", "format"): (instants(MOMENTS), instants(MOMENTS, format="epoch_us")),
}  # fmt: skip
KEYS = [
    (kind, field.alias or name)
    for kind, model in FIELDS.items()
    for name, field in model.model_fields.items()
    if name not in ("type", "name") and (kind, field.alias or name) not in OF_OTHERS
]


def test_every_key_has_an_effect() -> None:
    """No key is read and then ignored; a new key needs its line above."""
    assert set(KEYS) == set(CHANGES)
    places = [f"{kind}.{key}" for kind, key in KEYS]
    variables = [*REMEMBERED, {"name": "other", **enum({"a": 1}, {"a": 2})}]
    before, after = (
        records([{**CHANGES[key][side], "name": name} for key, name in zip(KEYS, places, strict=True)],
                variables=variables)
        for side in (0, 1)
    )  # fmt: skip
    for name in places:
        assert [each.get(name) for each in before] != [each.get(name) for each in after], name


@pytest.mark.parametrize("place", PLACES)
def test_cardinality_is_exact(place: Place) -> None:
    """Every type that has it gives exactly N values, distinct as text, wherever it stands."""
    for size in (1, 4):
        for kind, column in zip(
            LIMITED, place([limited(EXAMPLES[kind], size) for kind in LIMITED]), strict=True
        ):
            assert len({json.dumps(value) for value in column}) == size, kind
            assert all(map(LOOKS[kind], column)), kind


def test_cardinality_needs_its_distribution() -> None:
    """Without it, nothing says which value a record picks."""
    for kind in LIMITED:
        said = refusal({**EXAMPLES[kind], "cardinality": 2})
        assert "dimensions[0].cardinality_distribution: missing" in said

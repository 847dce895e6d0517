"""Expressions drawn at random, with columns for their names that hold what is awkward: nulls, gaps, extremes."""

import random
import re
from typing import Any

import numpy as np

from datagen.columns.column import ABSENT, Column
from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    TEXT,
    ColumnType,
    list_type,
    object_type,
    union,
)
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import InstantColumn
from datagen.instants import NAIVE
from tests.support.plain_values import Kind, Moment

LEAVES = {
    "int": "a b a b n 0 1 2 3 7 (-1) (-3) 100 9007199254740993 9223372036854775807",
    "float": "x y x y 0.5 2.0 1.5 (-2.25) 0.1 1e3 1e300 123456.789",
    "bool": "ok ok true false",
    "text": "s t s t '' 'a' 'ab' 'A-b' '12' '3.5'",
    "instant": "when w when instant('2027-03-12T10:30:00')",
    "ints": "ints ints [] [1,2,2] lines.qty",
    "floats": "nums nums [0.5,1.5] [1,2.5]",
    "texts": "words words ['a','b','a'] lines.sku",
    "mixed": "mix mix user.tag",
    "object": "user lines[0]",
    "small": "0 1 2 (-1)",
    "step": "1 2 (-1) (-2)",
}
GRAMMAR = {
    "int": """
        (<int> + <int>); (<int> - <int>); (<int> * <int>); (<int> // <int>); (<int> % <int>); (-(<int>)); (<int> + <bool>)
        abs(<int>); (<int>)|abs; round(<int>); round(<int>, <small>); floor(<float>); ceil(<float>); (<float>)|floor; int(<float>)
        int(<text>); int(<bool>); length(<text>); (<texts>)|length; count(<ints>); sum(<ints>); min(<int>, <int>)
        max(<ints>); min(<int>, <int>, <int>); first(<ints>); last(<ints>); (<ints>)[<small>]; bucket(<any>, 10); luhn(abs(<int>)); luhn(<text>)
        epoch(<instant>); epoch_ms(<instant>); hour(<instant>); (<instant>)|weekday; (<int> if <bool> else <int>)
        (<int> if <cond>); (<int> or <int>); (<int> and <int>); default(<int>, <int>); (<int>)|default(<int>); user.id; user["id"]; lines[<small>].qty
        crc32(<text>)|length; (<int> if <instant> else <int>); int(<mixed>)""",
    "float": """
        (<float> + <int>); (<int> / <int>); (<float> * <float>); (<float> - <float>); (<float> / <float>); (<float> // <float>)
        (<float> % <float>); (-(<float>)); sqrt(<float>); exp(<float>); log(<float>); log10(<int>); sin(<float>); cos(<float>)
        (<int> ** <small>); (<float> ** <float>); float(<int>); float(<text>); (<float>)|round(<small>); round(<float>); abs(<float>)
        min(<float>, <int>); max(<float>, <float>); avg(<floats>); avg(<ints>); sum(<floats>); min(<floats>); first(<floats>)
        (<float> if <bool> else <int>); default(<float>, <int>); (<int> or <float>); seconds(<int>); minutes(<float>); hours(<int>); days(<small>)
        (<instant> - <instant>); distance_km(<float>, <float>, <small>, <int>); (<mixed> + <int>); (<mixed> * <float>); (<float> - <mixed>)
        (-(<mixed>)); abs(<mixed>); (<float> if <cond>); float(<mixed>); (<floats>)[<small>]; max(<mixed>, <int>)
        ramp('outage', <instant>); progress('outage', <instant>); ramp('outage'); 'outage'|progress""",
    "bool": """
        (<number> < <number>); (<number> >= <number>); (<number> > <number>); (<number> <= <number>); (<text> < <text>)
        (<instant> <= <instant>); (<number> == <number>); (<text> != <text>); (<any> == <any>); (<instant> == <instant>); (<int> in <ints>)
        (<text> in <text>); (<text> not in <texts>); (<mixed> in <texts>); (not <cond>); (<bool> and <bool>); (<bool> or <bool>)
        (<any> is none); (<any> is defined); (<any> is not number); (<mixed> is string); (<mixed> is integer); (<int> is even)
        (<int> is divisibleby(<int>)); (<float> is float); startswith(<text>, <text>); (<text>)|endswith(<text>); any(<ints>); all(<texts>)
        (<int> < <int> < <int>); (<number> <= <float> > <number>); (<bool> if <cond> else <bool>); default(<bool>, <bool>); (<mixed> < <int>)
        (<mixed> == <text>); (<mixed> < <mixed>); (<bool> == <int>); (<instant> in [<instant>, <text>]); (<ints> == <floats>); (<bool> is true); during('outage', <instant>); 'outage'|during""",
    "text": """
        (<text> ~ <text>); (<any> ~ ':' ~ <any>); string(<any>); (<number>)|string; upper(<text>); (<text>)|lower; trim(<text>); trim(<text>, 'a')
        replace(<text>, <text>, <text>); (<text>)|replace('a', 'bb', <small>); (<text>)[<small>:]; (<text>)[<small>:<int>]; (<text>)[::<step>]; (<text>)[<small>]
        '%05d'|format(<int>); format('%s-%s', <any>, <any>); format('%.2f%%', <float>); '%x'|format(<int>); format('%d', <mixed>); join(<texts>, ',')
        (<ints>)|join('-'); md5(<text>); sha1(<int>); sha256(<text>)|upper; crc32(<text>); first(<texts>); last(<texts>); (<texts>)[<small>]
        (<text> + <text>); date(<instant>); strftime(<instant>, '%H:%M'); (<text> if <cond> else <text>); default(<text>, <text>); (<text> or <text>)
        (<text> and <text>); min(<texts>); max(<text>, <text>); lines[<small>].sku; user.city; unique(<texts>)|join; (<text> + <mixed>); upper(<mixed>)""",
    "instant": """
        (<instant> + <int>); (<int> + <instant>); (<instant> + hours(<small>)); (<instant> - <float>); (<instant> if <cond> else <instant>)
        default(<instant>, <instant>); user.born; max(<instant>, <instant>); (<instant> + <mixed>); (<instant> or <instant>)""",
    "ints": """
        [<int>, <int>]; [<int>, none, <int>]; (<ints> + <ints>); unique(<ints>); (<ints>)[<small>:]; (<ints>)[::-1]; (<ints> if <cond> else <ints>); (<ints> + [<int>])""",
    "floats": """
        [<float>, <int>]; (<ints> + <floats>); (<floats> + <floats>); unique(<floats>); (<floats> if <cond> else <ints>); (<floats>)[<small>:]""",
    "texts": """
        [<text>, <text>]; split(<text>, <text>); split(<text>); unique(<texts>); (<texts> + <texts>); [<instant>, <text>]; default(<texts>, <texts>)""",
    "mixed": """
        (<int> if <cond> else <text>); default(<mixed>, <int>); (<mixed> or <text>); (<text> if <cond> else <ints>); [<text>, <int>][<small>]; (<instant> if <cond> else <int>)
        (<mixed> + <mixed>); {'k': <mixed>}.k; last([<float>, <text>])""",
    "object": """
        {'qty': <int>, 'sku': <text>}; {'a': <any>, 'b': [<any>]}; (<object> if <cond> else <object>)""",
    "number": "<int>; <float>; <int>; <float>; <bool>",
    "cond": "<bool>; <bool>; <bool>; <int>; <text>; <ints>; <instant>; <mixed>; <float>",
    "any": "<int>; <float>; <bool>; <text>; <instant>; <ints>; <floats>; <texts>; <mixed>; <object>; none",
}  # fmt: skip
RULES = {
    kind: [rule.strip() for rule in re.split(r"[;\n]", text) if rule.strip()]
    for kind, text in GRAMMAR.items()
}
LINE: Kind = ("object", {"sku": "text", "qty": "int"})
KINDS: dict[str, Kind] = {
    "a": "int", "b": "int", "n": "int", "x": "float", "y": "float", "s": "text", "t": "text", "ok": "bool", "when": "instant", "w": "instant",
    "ints": ("list", "int"), "nums": ("list", "float"), "words": ("list", "text"), "lines": ("list", LINE), "mix": "mixed",
    "user": ("object", {"id": "int", "born": "instant", "city": "text", "tag": "mixed"}),
}  # fmt: skip
MIXED = union([INT, TEXT])
TYPES: dict[str, ColumnType] = {
    "a": INT, "b": INT, "n": INT, "x": FLOAT, "y": FLOAT, "s": TEXT, "t": TEXT, "ok": BOOL, "when": INSTANT, "w": INSTANT,
    "ints": list_type(INT), "nums": list_type(FLOAT), "words": list_type(TEXT),
    "lines": list_type(object_type({"sku": TEXT, "qty": INT})), "mix": MIXED,
    "user": object_type({"id": INT, "born": INSTANT, "city": TEXT, "tag": MIXED}),
}  # fmt: skip
INTS = [0, 1, 2, 3, -1, 5, 42, -100, 10**6, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, 1.0, -1.5, 2.5, 0.1, 1e-320, 1e16, 1e300, -1e300, 3.7, 33.333, -0.0]
TEXTS = [
    "",
    "a",
    "ab",
    "A-b",
    "Ünï",
    "12",
    " 3.5 ",
    "-7e2",
    "x\ny",
    'q"',
    "aaa",
    "0x1",
    "4111111111111111",
]
MICROS = [
    0,
    1_800_000_000_123_456,
    -1,
    1_805_000_000_000_000,
    -62_135_596_800_000_000,
    253_402_300_799_999_999,
]


def drawn_text(source: random.Random, kind: str, depth: int) -> str:
    """Return an expression of a kind, so many rules deep at most."""
    if kind in LEAVES and (depth <= 0 or source.random() < 0.15):
        return source.choice(LEAVES[kind].split())
    rule = source.choice(RULES[kind]) if kind in RULES else source.choice(LEAVES[kind].split())
    return re.sub(r"<(\w+)>", lambda found: drawn_text(source, found[1], depth - 1), rule)


def drawn_values(source: random.Random, rows: int) -> dict[str, list[Any]]:
    """Return values of each name, in Python, instants as `Moment`; ABSENT where they are missing."""
    shared = source.random() < 0.5  # nulls: often none at all
    return {name: [_value(source, name, shared) for _ in range(rows)] for name in KINDS}


def _value(source: random.Random, name: str, nulls: bool) -> Any:
    if (nulls and source.random() < 0.15) or (name == "n" and source.random() < 0.5):
        return source.choice([None, ABSENT])
    match KINDS[name]:
        case "mixed":
            return source.choice([*INTS[:6], *TEXTS])
        case ("list", kind):
            return [_element(source, kind, nulls) for _ in range(source.randrange(4))]
        case ("object", _):
            tag = source.choice([1, "a", None])
            return {
                "id": source.choice(INTS),
                "born": Moment(source.choice(MICROS)),
                "city": source.choice(TEXTS),
                "tag": tag,
            }
    return _element(source, KINDS[name], nulls=False)


def _element(source: random.Random, kind: Kind, nulls: bool) -> Any:
    if nulls and source.random() < 0.2:
        return None
    if kind == LINE:
        return {"sku": source.choice(TEXTS), "qty": source.choice(INTS)}
    choices: dict[Kind, list[Any]] = {
        "int": INTS if source.random() < 0.3 else INTS[:9], "float": FLOATS, "bool": [True, False], "text": TEXTS,
    }  # fmt: skip
    return Moment(source.choice(MICROS)) if kind == "instant" else source.choice(choices[kind])


def column_of(name: str, values: list[Any]) -> Column:
    """Return values as a column, the way that the program has them."""
    rows = np.array(
        [
            -2 if each is ABSENT else -1 if each is None else place
            for place, each in enumerate(values)
        ]
    )
    if KINDS[name] == "instant":
        return _instants(values).take(rows)
    if name == "user":
        given = [
            each if isinstance(each, dict) else {"id": 0, "born": Moment(0), "city": "", "tag": 0}
            for each in values
        ]
        parts = [
            LiteralColumn([each["id"] for each in given]), _instants([each["born"] for each in given]),
            LiteralColumn([each["city"] for each in given]), LiteralColumn([each["tag"] for each in given]),
        ]  # fmt: skip
        return ObjectColumn(("id", "born", "city", "tag"), parts, len(values)).take(rows)
    return LiteralColumn(values)


def _instants(values: list[Any]) -> Column:
    micros = [each.micros if isinstance(each, Moment) else 0 for each in values]
    return InstantColumn(np.array(micros, dtype=np.int64), NAIVE)

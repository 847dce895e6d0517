"""Templates drawn at random, over fields of every type."""

import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.support.templates import DIMENSIONS

FIELDS = ["time", "elsewhere", "emitter", *(each["name"] for each in DIMENSIONS)]
INSTANTS = ["time", "when", "begun"]
NUMBERS = ["whole", "gaps", "huge", "real", "half", "wide", "port", "numbers", "few"]
OF_NUMBERS = [
    "sqrt",
    "floor",
    "ceil",
    "exp",
    "log",
    "sin",
    "abs",
    "int",
    "float",
    "string",
    "minutes",
]
OF_TEXTS = ["upper", "lower", "trim", "length", "string", "md5", "crc32", "sha256", "int"]
ORDERS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
SIGNS = st.sampled_from(["+", "-", "*", "/", "//", "%"])
CONSTANTS = st.sampled_from(
    ["0", "1", "-3", "2.5", "7", "1000", "''", "'ab'", "'443'", "'a'", "443", "true", "none", "1.0"]
)
PARTS = st.sampled_from(["'a'", "'+'", "'1'", "'Z'"])


def built(text: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Put drawn texts into the places `$1`, `$2`, ... of a template."""
    return st.builds(
        lambda *found: re.sub(r"\$(\d)", lambda place: found[int(place[1]) - 1], text), *parts
    )


@cache
def bodies(name: str) -> st.SearchStrategy[str]:
    """Return templates whose expressions are mostly over this field, some over several."""
    field = st.one_of(*[st.just(name)] * 5, st.sampled_from(FIELDS))
    others = st.sampled_from(NUMBERS)
    instants = st.sampled_from(INSTANTS)
    numbers: Any = st.deferred(
        lambda: st.one_of(
            st.just(name if name not in INSTANTS else f"{name}.timestamp()"),
            built("($1 $2 $3)", numbers, SIGNS, CONSTANTS),
            built("($2 $3 $1)", numbers, CONSTANTS, SIGNS),
            built("($1 $2 $3)", numbers, SIGNS, others),
            built("($3 $2 $1)", numbers, SIGNS, others),
            built("($1 if $2 else $3)", numbers, tests, others),
            built("($1 $2 $3)", numbers, st.sampled_from(["or", "and"]), others),
            built("($1 - $2).total_seconds()", instants, instants),
            built("$1($2)", st.sampled_from(OF_NUMBERS), numbers),
            built("$1($2, $3)", st.sampled_from(["max", "min"]), numbers, numbers),
            built("($1)|$2", numbers, st.sampled_from(["sqrt", "floor", "log10"])),
            built("round($1, 2)", numbers),
            built("bucket($1, 7)", field),
            built("$1($2)", st.sampled_from(["hour", "weekday", "epoch", "epoch_ms"]), instants),
            built("hour($1, 'Asia/Kolkata')", instants),
            built("count(split($1, $2))", values, PARTS),
            built("($1)|$2", numbers, st.sampled_from(["int", "float", "round", "round(1)", "default(3)"])),
            built("(-$1)", numbers),
            built("($1)|int", values),
            built("($1)|length", values),
        )
    )  # fmt: skip
    values: Any = st.deferred(
        lambda: st.one_of(
            field, numbers, CONSTANTS, tests,
            built("$1.strftime('%d/%b/%Y:%H:%M:%S.%3f %s')", field),
            built("$1.isoformat()", field),
            built("($1)|$2", values, st.sampled_from(["upper", "lower", "string", "tojson", "int"])),
            built("($1)|replace($2, $3)", values, PARTS, CONSTANTS),
            built("($1)|default($2)", values, CONSTANTS),
            built("($1)|default($2, true)", values, CONSTANTS),
            built("$1|default($2)", field, st.sampled_from(FIELDS)),
            built("($1)|default($2, true)", values, st.sampled_from(FIELDS)),
            built("($1 + $2)", values, values),
            built("$1($2)", st.sampled_from(OF_TEXTS), values),
            built("format('%05.1f|%s', $1, $2)", numbers, field),
            built("replace($1, $2, $3)", values, PARTS, PARTS),
            built("strftime($1, '%d %H %z')", instants),
            built("date($1, 'America/New_York')", instants),
            built("default($1, $2)", field, CONSTANTS),
            built("first(split($1))", values),
            built("($1 ~ $2)", values, values),
            built("($1 if $2 else $3)", values, tests, values),
            built("($1 if $2)", values, tests),
            built("($1 $2 $3)", values, st.sampled_from(["or", "and"]), values),
        )
    )  # fmt: skip
    tests: Any = st.deferred(
        lambda: st.one_of(
            values,
            built("($1 $2 $3)", values, ORDERS, CONSTANTS),
            built("($2 $3 $1)", values, CONSTANTS, st.sampled_from(["==", "<", ">="])),
            built("($1 in ($2, $3))", values, CONSTANTS, CONSTANTS),
            built("($1 in ($2, $3))", values, values, CONSTANTS),
            built("($1 $2 $3)", values, ORDERS, values),
            built("($1 $2 $3)", numbers, ORDERS, numbers),
            built("($1 $2 $3 $4 $5)", numbers, ORDERS, others, ORDERS, CONSTANTS),
            built("($1 $2 $3)", instants, ORDERS, instants),
            built("($1 not in [$2])", values, CONSTANTS),
            built("($2 in $1)", values, PARTS),
            built("startswith($1, $2)", values, PARTS),
            built("($1)|endswith($2)", values, PARTS),
            built("(not $1)", tests),
            built("($1 $2 $3)", tests, st.sampled_from(["and", "or"]), tests),
            built("($1 is $2)", field, st.sampled_from(["defined", "not defined", "none", "not none", "undefined"])),
        )
    )  # fmt: skip
    made: Any = st.deferred(
        lambda: st.lists(
            st.one_of(
                st.sampled_from([" - ", "x\n", "{# no #}", "\u00e9"]),
                built("{{ $1 }}", values),
                built("{%- if $1 %}$2{% endif -%}", tests, made),
                built("{% if $1 %}$2{% else %}$3{% endif %}", tests, made, made),
                built("{% if $1 %}$2{% elif $3 %}$4{% else %}$5{% endif %}", tests, made, tests, made, made),
            ),
            min_size=1, max_size=3,
        ).map("".join)
    )  # fmt: skip
    return st.one_of(built("{{ $1 }}", values), made)

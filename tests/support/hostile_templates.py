"""Templates that take too much, and pieces from which more of them are made."""

import itertools

TOO_LARGE, TOO_MUCH = "a value grows too large", "more work for a record than"
NESTED, NUMBER = "a value is nested too deeply", "a number grows too large"


def namespace(value: str, change: str, rounds: int = 60) -> str:
    """Return what changes a value `n.v` again and again."""
    loop = f"{{% for _ in range({rounds}) %}}{{% set n.v = {change} %}}{{% endfor %}}"
    return f"{{% set n = namespace(v={value}) %}}{loop}"


LISTS = namespace("[1, 1]", "[n.v, n.v]")  # of 2**61 ones, in 61 lists
TUPLES = namespace("(1, 1)", "(n.v, n.v)")
OBJECTS = namespace("{'a': 1}", "{'a': n.v, 'b': n.v}")
DEEP = namespace("(1,)", "(n.v,)", 5_000)
MEASURED = namespace("(1,)", "(n.v,)|list|batch(1)|list", 5_000)
TEXT = namespace("'0123456789'", "n.v ~ n.v", 18)  # 2.6 million characters
OF_VALUES = [
    "n.v == [n.v, n.v]", "n.v == n.v == 1", "n.v < n.v", "n.v in [1]", "1 in n.v", "n.v|max", "n.v|title", "n.v|e", "n.v|tojson",
    "n.v|string", "n.v ~ 1", "n.v|length", "n.v is eq(1)", "n.v is in([1])", "[n.v]|sort|length", "[1].count(n.v)",
    "'%s' % (n.v,)", "'%s'|format(n.v)", "n.v", "[n.v]|map('string')|list", "[n.v, 1]|join", "[[n.v, 1]]|groupby(0)",
    "[n.v]|select('equalto', 1)|list", "dict(a=n.v)", "dict(a=n.v)|dictsort", "dict(a=n.v).items() - dict(a=n.v).items()",
    "{'a': n.v} == {'a': n.v}", "'a'|default(n.v)", "{}.get(n.v)", "{}[n.v]", "{n.v: 1}", "[n.v]|unique|list",
]  # fmt: skip
REPEATED = "{% for _ in range(3000) %}{{ n.v }}{% endfor %}"
BODIES: dict[str, str] = (
    {f"{LISTS}{{{{ {use} }}}}": TOO_LARGE for use in OF_VALUES}
    | {f"{TUPLES}{{{{ {use} }}}}": TOO_LARGE for use in OF_VALUES}
    | {f"{OBJECTS}{{{{ {use} }}}}": TOO_LARGE for use in OF_VALUES}
    | {f"{DEEP}{{{{ {use} }}}}": NESTED for use in OF_VALUES}
    | {
        LISTS + "{% for a in n.v %}{% endfor %}": TOO_LARGE,
        LISTS + "{% macro m(a) %}{% endmacro %}{{ m(n.v) }}": TOO_LARGE,
        MEASURED: NESTED,
        "{% macro m() %}{{ m(varargs, varargs) }}{% endmacro %}{{ m(1) }}": TOO_LARGE,
        f"{TEXT}{{% set s %}}{REPEATED}{{% endset %}}": TOO_LARGE,
        f"{TEXT}{{% set s|upper %}}{REPEATED}{{% endset %}}": TOO_LARGE,
        f"{TEXT}{{% macro m(n) %}}{REPEATED}{{% endmacro %}}{{{{ m(n)|length }}}}": TOO_LARGE,
        f"{TEXT}{{% filter length %}}{REPEATED}{{% endfilter %}}": TOO_LARGE,
        f"{TEXT}{{% macro m() %}}{{{{ caller() }}}}{{% endmacro %}}{{% call m() %}}{REPEATED}{{% endcall %}}": TOO_LARGE,
        TEXT + REPEATED: TOO_LARGE,
        f"{{% for _ in range(90000) %}}{'x' * 9_000}{{% endfor %}}": TOO_MUCH,
        "{% for _ in range(90000) %}{{ x * 0 if x is number else x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{% endfor %}": TOO_LARGE,
        f"{{% set s %}}{{% for _ in range(90000) %}}{'x' * 9_000}{{% endfor %}}{{% endset %}}": TOO_MUCH,
        f"{{% for _ in range(99999) %}}{{% if {'x and ' * 99}x %}}{{% endif %}}{{% endfor %}}": TOO_MUCH,
        "{% set r = range(99999) %}{% for a in r %}{% for b in r if false %}{% endfor %}{% endfor %}": TOO_MUCH,
        "{% set r = range(99999) %}{% for a in r recursive %}{{ loop(r) }}{% endfor %}": TOO_MUCH,
        "{{ range(99999)|list" + "|map('abs')" * 20 + "|list }}": TOO_MUCH,
        "{{ range(0, 99999 * 2305843009213693951, 2305843009213693951)|unique|list }}": TOO_MUCH,
        TEXT + "{{ x|wordwrap(1, true, n.v) }}": TOO_MUCH,
        TEXT + "{{ n.v|wordwrap(1) }}": TOO_MUCH,
        TEXT + "{{ n.v|indent(1000) }}": TOO_MUCH,
        TEXT + "{{ n.v|replace('', n.v) }}": TOO_MUCH,
        TEXT + "{{ n.v.replace('0', n.v) }}": TOO_MUCH,
        TEXT + "{{ n.v|join(n.v) }}": TOO_MUCH,
        TEXT + "{{ n.v.join(n.v) }}": TOO_MUCH,
        TEXT + "{{ n.v|list }}": TOO_MUCH,
        TEXT + "{{ n.v.split('1') }}": TOO_LARGE,
        TEXT + "{{ n.v.rfind('z' ~ n.v[:99999]) }}": TOO_MUCH,
        TEXT + "{{ n.v + n.v }}": TOO_LARGE,
        TEXT + "{{ n.v ~ n.v }}": TOO_LARGE,
        TEXT + "{% for _ in range(99990) %}{% set y = n.v|wordcount %}{% endfor %}": TOO_MUCH,
        TEXT + "{% for _ in range(99990) %}{% set y = 'z' in n.v %}{% endfor %}": TOO_MUCH,
        TEXT + "{% set m = n.v ~ '' %}{% for _ in range(99990) %}{% set y = m == n.v %}{% endfor %}": TOO_MUCH,
        "{% for i in range(99999) %}{{ sqrt(i) }}{% endfor %}": TOO_MUCH,
        "{% for i in range(99999) %}{{ distance_km(i, 1, 2, 3) }}{% endfor %}": TOO_MUCH,
        "{% for i in range(99) %}{{ sum(range(99999)) }}{% endfor %}": TOO_MUCH,
        "{% for i in range(99) %}{{ unique(range(99999)) }}{% endfor %}": TOO_MUCH,
        "{% for i in range(99999) %}{{ default(none, 'a' ~ i) }}{{ format('%s', [i] * 1 if i > 9 else i) }}{% endfor %}": "is not allowed",
        TEXT + "{% for i in range(99) %}{{ md5(n.v) }}{% endfor %}": TOO_MUCH,
        TEXT + "{{ luhn(n.v) }}": TOO_MUCH,
        TEXT + "{{ replace(n.v, '1', n.v) }}": TOO_MUCH,
        TEXT + "{{ join([n.v, n.v], n.v) }}": TOO_LARGE,
        TEXT + "{{ split(n.v, '1') }}": "split(...) cannot be computed",
        namespace("3", "n.v + n.v", 99_000): NUMBER,
        namespace("3", "n.v - (-n.v)", 99_000): NUMBER,
        namespace("3", "n.v * n.v"): NUMBER,
        f"{{{{ '{'f' * 5_000}'|int(0, 16) }}}}": NUMBER,
        "{{ '%(a(b))1500000000d'|format(**{'a(b)': 1}) }}": "a key with parentheses is not allowed",
        "{{ '%(a)1500000000d'|format(a=1) }}": "a width of more than",
        "{{ '%(a)0*d'|format(a=1) }}": "a width of more than",
        "{{ '%.*f' % (1500000000, 1.0) }}": "a width of more than",
        "{{ '%.1500000000f' % 1.0 }}": "a width of more than",
        "{{ '%\u0669\u0669\u0669\u0669\u0669d' % 1 }}": "a width of more than",
    }
)  # fmt: skip
REFUSED: dict[str, str] = {  # on load
    f"\n{{{{ {'9' * 5_000} }}}}": "line 2: a number is too large",
    f"\n{{{{ x|int({'9' * 2_000}) }}}}": "line 2: a number is too large",
    f"{{{{ 0x{'f' * 9_000} }}}}": "line 1: a number is too large",
    "{{ 1e400 }}": "line 1: a number is too large",
    "\n{{ x + -1e400 }}": "line 2: a number is too large",
    f"{{{{ 1{'~1' * 20_000} }}}}": "line 1: has more than 10,000 parts",
    f"{{{{ 1{' and 1' * 2_000} }}}}": "line 1: is nested too deeply",
    f"{{{{ 1{'.a' * 2_000} }}}}": "line 1: is nested too deeply",
    f"{{{{ {'-' * 2_000}1 }}}}": "line 1: is nested too deeply",
    f"{{{{ {'[' * 2_000} }}}}": "line 1: is nested too deeply",
    "\n{{ format('%1001d', 1) }}": "line 2: format: a width of more than 1,000 characters",
    "{{ format('%*d', 1) }}": 'line 1: format: "%*d" is not known; values stand in their order',
    "{{ format(path, 1) }}": "line 1: format takes a text such as 'P%05d' first, not a computed one",
    "{{ " + "sqrt(" * 200 + "1" + ")" * 200 + " }}": "line 1: is nested too deeply",
    "x" * 1_000_001: "line 1: is longer than 1,000,000 characters",
}
PIECES = [
    "'a'", "[1, 2]", "(1, 'b')", "{'a': 1}", "range(99)", "n.v", "[n.v, n.v]", "(n.v, n.v)", "n.v ~ n.v", "n.v + n.v",
    "n.v|string", "n.v|list", "n.v|join(n.v)", "n.v|replace('1', n.v)", "n.v|batch(3, n.v)|list", "n.v|indent(n.v)",
    "n.v|wordwrap(3)", "n.v|tojson", "n.v|length", "n.v|int(16, 36)", "n.v|sort", "n.v|unique|list", "n.v|title",
    "'%s%s'|format(n.v, n.v)", "'%(a)99s' % n.v", "n.v.split('1')", "n.v.center(999, '1')", "n.v * n.v", "n.v - n.v",
    "n.v == [n.v]", "n.v|map('string')", "n.v|first", "n.v[::-1]", "{n.v: n.v}", "dict(a=n.v)", "n.v|dictsort", "x",
    "split(n.v, '1')", "join([n.v, n.v], n.v)", "format('%999s%s', n.v, n.v)", "replace(n.v, '1', n.v)", "sum([n.v, n.v])",
    "unique([n.v, n.v])", "bucket(n.v, 9)", "string([n.v, n.v])", "default(none, n.v)", "first([n.v])", "sha256(n.v)", "int(n.v)",
    "m(n.v)", "n.v|groupby(0)", "n.v|e", "n.v.items()", "n.v|round(99)", "n.v|float", "n.v in n.v", "n.v is in(n.v)",
]  # fmt: skip


def hostile_body(places: list[int]) -> str:
    """Return a template that makes a value by some of the pieces in turn, many times."""
    steps = [f"{{% set n.v = {PIECES[each % len(PIECES)]} %}}{{{{ n.v }}}}" for each in places]
    macro = "{% macro m(a) %}{{ a }}{{ a }}{% endmacro %}"
    return macro + "".join(
        itertools.chain(
            ("{% set n = namespace(v='1') %}", "{% for _ in range(60) %}"), steps, ("{% endfor %}",)
        )
    )

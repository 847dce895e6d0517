"""Templates: the language, its types, both ways of rendering, what is refused, what is bounded."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.batch import Batch
from datagen.columns.column import ABSENT
from datagen.formats.rendered import RecordBytes
from datagen.formats.template import TemplateFormatter
from datagen.formats.translation import PlanTranslator
from datagen.instants import parse_instant
from datagen.simulation.build import build_machine
from datagen.simulation.pool import Pool
from datagen.simulation.records import Records
from datagen.spec.document import Template
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.templating import (
    MISSING,
    NotTranslatableError,
    Renderer,
    RenderError,
    Sandbox,
    check_template,
    rendering,
    sandbox,
)
from tests.support.helpers import Outcome, invoke

RUN = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
REPEAT = "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"
NINE = {"type": "uniform", "min": 0, "max": 9}
SOME = {"percent_nulls": 20, "percent_missing": 20}
START = "2027-03-12T10:20:30.123456+01:00"


def enum(name: str, *values: Any, **more: Any) -> dict[str, Any]:
    """Return a field that has these values in turn."""
    return {
        "name": name, "type": "enum", "values": list(values),
        "cardinality_distribution": {"type": "uniform", "min": 0, "max": len(values) - 1}, **more,
    }  # fmt: skip


INT = {"type": "uniform", "min": -20, "max": 20}
DIMENSIONS: list[dict[str, Any]] = [
    {"name": "whole", "type": "int", "distribution": INT},
    {"name": "gaps", "type": "int", "distribution": INT, **SOME},
    {"name": "huge", "type": "int", "distribution": {"type": "uniform", "min": -(2**63), "max": 2**63 - 1}},
    {"name": "real", "type": "float", "distribution": {"type": "normal", "mean": 0, "stddev": 9}},
    {"name": "half", "type": "float", "precision": 1, "distribution": INT, **SOME},
    {"name": "wide", "type": "float", "distribution": {"type": "choice", "values": [1e300, -3e-7, 0, 2.5, -1e17]}},
    {"name": "word", "type": "string", "chars": "aB 1é ", "length_distribution": {"type": "uniform", "min": 0, "max": 4}},
    {"name": "few", "type": "string", "length_distribution": NINE, "cardinality": 3,
     "cardinality_distribution": NINE, **SOME},
    {"name": "digits", "type": "string", "chars": "12.-", "length_distribution": {"type": "uniform", "min": 0, "max": 3}},
    {"name": "when", "type": "timestamp", "distribution": {
        "type": "uniform", "min": "1960-01-01T00:00:00Z", "max": "2040-01-01T00:00:00Z"}, **SOME},
    {"name": "id", "type": "uuid"},
    {"name": "ip", "type": "ipaddress", "cidr": "10.0.0.0/8", **SOME},
    enum("text", "", "ab", "a b", "Straße", 'q"\\', "\ud800x", "443"),
    enum("port", 443, 80, None),
    enum("mixed", 1, 1.0, "1", True, None, [], {}, {"a": [1, "b"]}, 2**70, ""),
    enum("flag", True, False, None, percent_missing=10),
    enum("numbers", 1, 2.5, -0.0, 0),
    {"name": "thing", "type": "object", "dimensions": [
        enum("part", "x", 1, percent_missing=50),
        {"name": "at", "type": "clock"}]},
    {"name": "things", "type": "list", "length_distribution": {"type": "uniform", "min": 0, "max": 2},
     "selection_distribution": NINE, "elements": [enum("each", 1, "y", percent_missing=30)]},
    {"name": "shown", "type": "variable", "variable": "shown"},
    {"name": "asked", "type": "variable", "variable": "asked"},
    {"name": "begun", "type": "variable", "variable": "begun"},
    {"name": "city", "type": "variable", "variable": "place", "field": "city"},
]  # fmt: skip
SPEC: dict[str, Any] = {
    "interarrival": {"type": "exponential", "mean": 0.3},
    "states": [
        {"name": "one", "emitter": "all", "delay": {"type": "exponential", "mean": 1},
         "variables": [
             enum("asked", "q=1", None, ""), enum("shown", "GET", "POST"),
             {"name": "begun", "type": "clock"}, enum("place", {"city": "Bonn"}, {"city": 5}, {}),
         ],
         "transitions": [{"next": "two", "probability": 1}]},
        {"name": "two", "emitter": "all", "delay": {"type": "exponential", "mean": 1},
         "variables": [{"name": "shown", "type": "int", "distribution": INT}],
         "transitions": [{"next": "two", "probability": 0.6}, {"next": "stop", "probability": 0.4}]},
    ],
    "emitters": [{"name": "all", "dimensions": DIMENSIONS}, {"name": "other", "dimensions": [enum("elsewhere", 1)]}],
}  # fmt: skip


# both ways


@cache
def world() -> tuple[Generator, Batch, list[dict[str, Any]]]:
    """Return a specification, records of one emitter, and the same records as Python holds them."""
    spec, _ = parse_spec(SPEC, "spec")
    machine, start = build_machine(spec, 3), parse_instant(START)
    records = Records(machine, start.style)
    assert not records.prepare(dict(enumerate(state.variables for state in spec.states)))
    pool = Pool(machine, start.micros, 100, start.micros + 10**12)
    pool.request_window_size(150)
    for visits in pool.windows():
        batch: Batch = records.batch(visits)
        if len(batch) > 100:
            break
    (group,) = batch.groups
    rows: list[dict[str, Any]] = [{} for _ in group.rows]
    for section in group.sections:
        for name in section.names:
            column = group.column(name)
            assert column is not None
            for row, value in zip(rows, column.to_python(ABSENT), strict=True):
                row[name] = MISSING if value is ABSENT else value
    return spec, batch, rows


def by_jinja(body: str) -> list[str | None]:
    """Render each record on its own; None for one that raises an error."""
    spec, _, rows = world()
    jinja = Sandbox()
    tree = check_template(body, spec.record_schema.columns, jinja)
    renderer = Renderer(tree, jinja, {"emitter": "all"})
    texts: list[str | None] = []
    for row in rows:
        try:
            text = renderer.render(tuple(row), tuple(row.values()))
            texts.append(text.encode("utf-8", "replace").decode() + "\n")
        except RenderError:
            texts.append(None)
    return texts


def by_columns(body: str) -> list[str | None]:
    """Render all records as columns. Raises NotTranslatableError."""
    spec, batch, _ = world()
    jinja, table = Sandbox(), spec.record_schema
    tree = check_template(body, table.columns, jinja).tree
    plan = PlanTranslator(table.emitters["all"], jinja, {"emitter": "all"}).plan(tree)
    texts: list[str | None] = plan.texts(batch.groups[0]).to_pylist()
    return texts


FIELDS = ["time", "elsewhere", "emitter", *(each["name"] for each in DIMENSIONS)]
INSTANTS = ["time", "when", "begun"]
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
    """Return templates whose expressions are over one field each, mostly this one."""
    field = st.one_of(*[st.just(name)] * 5, st.sampled_from(FIELDS))
    numbers: Any = st.deferred(
        lambda: st.one_of(
            st.just(name if name not in INSTANTS else f"{name}.timestamp()"),
            built("($1 $2 $3)", numbers, SIGNS, CONSTANTS),
            built("($2 $3 $1)", numbers, CONSTANTS, SIGNS),
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
            built("($1 ~ $2)", values, values),
            built("($1 if $2 else $3)", values, tests, values),
            built("($1 if $2)", values, tests),
            built("($1 $2 $3)", values, st.sampled_from(["or", "and"]), values),
        )
    )  # fmt: skip
    tests: Any = st.deferred(
        lambda: st.one_of(
            values,
            built("($1 $2 $3)", values, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), CONSTANTS),
            built("($2 $3 $1)", values, CONSTANTS, st.sampled_from(["==", "<", ">="])),
            built("($1 in ($2, $3))", values, CONSTANTS, CONSTANTS),
            built("($1 not in [$2])", values, CONSTANTS),
            built("($2 in $1)", values, PARTS),
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


def check(body: str) -> None:
    """Compare both ways, if there are both."""
    try:
        found = by_columns(body)
    except NotTranslatableError:
        return
    assert found == by_jinja(body)


often = settings(deadline=None, database=None, derandomize=True)


@settings(often, max_examples=40)
@given(body=st.sampled_from(FIELDS).flatmap(bodies))
def test_both_ways_give_the_same_text(body: str) -> None:
    """Whatever can be a plan of columns gives what Jinja2 gives, and null exactly where that fails."""
    check(body)


@pytest.mark.long
@settings(often, max_examples=400)
@given(body=st.sampled_from(FIELDS).flatmap(bodies))
def test_both_ways_give_the_same_text_for_many(body: str) -> None:
    """Ten times as many."""
    check(body)


COLUMNS = [
    "{{ time }} {{ whole }} {{ real }} {{ mixed }} {{ thing }} {{ things }} {{ flag }} {{ elsewhere }}",
    "{{ when.strftime('%d/%b/%Y:%H:%M:%S %z') if when else '-' }}",
    "{{ time.timestamp()|int }} {{ begun.timestamp() }} {{ time.isoformat() }}",
    "{% if asked %}?{{ asked }}{% endif %}",
    "{% if shown == 'GET' %}{{ word }}{% elif whole > 3 %}{{ id }}{% else %}{{ ip }}{% endif %}",
    "{{ text|replace(' ', '+') }} {{ text|upper }} {{ text|lower }} {{ word|upper|replace('B', '') }}",
    "{{ (whole / 1000)|int }} {{ whole * 3 - 1 }} {{ -whole }} {{ 7 % 4 + real // 2 }} {{ 100 - whole }}",
    "{{ gaps|default(0) }} {{ gaps|default('-', true) }} {{ gaps or 'none' }} {{ asked and 'yes' }}",
    "{{ thing|tojson }} {{ text|tojson }} {{ when|tojson }} {{ gaps|tojson }} {{ real|tojson }}",
    "{{ word|length }} {{ real|round(2) }} {{ digits|int }} {{ digits|float }} {{ real|string }}",
    "{{ text ~ '/' ~ whole ~ mixed }} {{ emitter ~ '!' }}",
    "{{ text in ('ab', '443') }} {{ port not in [80, 443] }} {{ 'a' in word }}",
    "{{ elsewhere is defined }} {{ gaps is none }} {{ gaps is not none and flag }} {{ not asked }}",
    "{% if flag and not few or whole == 2 %}x{% endif %}{% if asked is defined and text %}y{% endif %}",
    "{{ 1 + 2 }}{{ ['a', 'b']|join('-') }}{% for n in range(3) %}{{ n }}{% endfor %}{# no #}",
    "{{ numbers + 1 }} {{ numbers }} {{ numbers == 1 }}",
    "a  {%- if flag -%}  b  {%- endif %}  c\n\nd{% raw %}{{ }}{% endraw %}",
]
JINJA = {
    "{% for each in things %}{{ each }}{% endfor %}": "line 1: a loop",
    "\n{% set x = whole %}{{ x }}": "line 2: a local variable (set)",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(whole) }}": "line 1: a macro",
    "{{ thing.at }}": "line 1: a part of a value",
    "{{ word[0] }}": "line 1: a part of a value",
    "{{ word|title }}": "line 1: the filter title",
    "{{ whole is even }}": "line 1: the test even",
    "{{ whole + real }}": "line 1: two fields in one expression",
    "{{ whole < real }}": "line 1: two fields in one expression",
    "{{ word + 1 }}": "line 1: arithmetic with a text",
    "{{ mixed * 2 }}": "line 1: arithmetic with a value of an unsuitable type",
    "{{ 1 < whole < 3 }}": "line 1: several comparisons in one",
    "{{ time < time }}": "line 1: two fields in one expression",
    "{{ word < 1 }}": "line 1: an order of a text",
    "{{ when == 1 }}": "line 1: a comparison of an instant",
    "{{ word|replace('a', 'b', 1) }}": "line 1: the filter replace with these arguments",
    "{{ time.year }}": "line 1: a part of a value",
    "{{ time.date() }}": 'line 1: the method "date"',
    "{% filter upper %}{{ word }}{% endfilter %}": "line 1: a block with a filter",
}


@pytest.mark.parametrize("body", COLUMNS)
def test_what_columns_can_do(body: str) -> None:
    """Each of these is a plan of columns, and gives what Jinja2 gives."""
    assert by_columns(body) == by_jinja(body)


@pytest.mark.parametrize("body", JINJA)
def test_what_only_jinja_can_do(body: str) -> None:
    """Each of these goes to Jinja2, and the reason names the line and what stands in the way."""
    with pytest.raises(NotTranslatableError) as found:
        by_columns(body)
    assert str(found.value).split(" (emitter")[0] == JINJA[body]


def through_the_format(body: str) -> tuple[list[str], Any]:
    """Render all records as a run does; give the texts and where that stopped."""
    spec, batch, _ = world()
    made = TemplateFormatter("t", Template(body=body), spec.record_schema).render(batch)
    assert isinstance(made, RecordBytes)
    data, ends = bytes(made.data), made.ends.tolist()
    return [data[a:b].decode() for a, b in zip([0, *ends], ends, strict=False)], made.stopped


def test_few_combinations_are_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jinja2 renders what is the same in several records once, and each gets its text."""
    body = "{% for each in [port, flag] %}[{{ each }}]{% endfor %}"
    count, render = [0], Renderer.render

    def counted(*arguments: Any) -> str:
        count[0] += 1
        return render(*arguments)

    monkeypatch.setattr(rendering.Renderer, "render", counted)
    texts, stopped = through_the_format(body)
    assert 1 < count[0] < len(texts) / 2
    assert (texts, stopped) == (by_jinja(body), None)


@pytest.mark.parametrize(
    "body", ["{{ 7 // gaps }}", "{% set x = port %}{{ x + 1 }}", "{{ port + 1 }}"]
)
def test_a_record_that_fails_is_told(body: str) -> None:
    """Either way the first record that fails is told, and those before it have their texts."""
    texts, stopped = through_the_format(body)
    wanted = by_jinja(body)
    assert stopped is not None
    assert stopped[0] == wanted.index(None)
    assert texts[: stopped[0]] == wanted[: stopped[0]]


# whole runs


def shop(**templates: Any) -> dict[str, Any]:
    """Return a specification of two emitters with these templates; a text is a body."""
    return {
        "interarrival": {"type": "constant", "value": 0.4},
        "states": [
            {"name": "home", "emitter": "page", "delay": {"type": "constant", "value": 0.1},
             "variables": [enum("path", "/", "/cats")],
             "transitions": [{"next": "buy", "probability": 1}]},
            {"name": "buy", "emitter": "order", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [
            {"name": "page", "dimensions": [
                {"name": "path", "type": "variable", "variable": "path"},
                {"name": "ms", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 9000}}]},
            {"name": "order", "dimensions": [
                {"name": "price", "type": "float", "precision": 2,
                 "distribution": {"type": "uniform", "min": 1, "max": 9}}]},
        ],
        "templates": {
            name: {"body": body} if isinstance(body, str) else body
            for name, body in templates.items()
        },
    }  # fmt: skip


def ran(body: str, *more: str, **template: Any) -> Outcome:
    """Run a template of this body."""
    return invoke(*RUN, "--template", "t", *more, spec=shop(t={"body": body, **template}))


GOLDEN = """#\tpath
2027-03-12T00:00:00.000 page /cats 6.2
2027-03-12T00:00:00.100 order $3.4
2027-03-12T00:00:00.400 page / 4.2
"""


@pytest.mark.parametrize("way", ["", "{% set x = 1 %}"])
def test_output_is_as_expected(way: str) -> None:
    """A small run, header and all, is these bytes, whichever way it is rendered."""
    body = (
        "{{ time }} {{ emitter }} {% if path %}{{ path }}{% else %}${{ price }}{% endif %}"
        "{% if ms is defined %} {{ (ms / 1000)|round(1) }}{% endif %}\n"
    )
    outcome = ran(way + body, header="#\tpath\n")
    assert (outcome.status, outcome.err) == (0, REPEAT)
    assert outcome.out.decode() == GOLDEN


@pytest.mark.parametrize("format_", [{"type": "template", "name": "a:b c"}, None])
def test_a_template_is_chosen_by_format_or_flag(format_: Any) -> None:
    """The key `format` of a specification and `--template` do the same; a name is any text."""
    spec = shop(**{"a:b c": "{{ path }}", "_why": "a comment", "$more": 1})
    flags = [] if format_ else ["--template", "a:b c"]
    if format_:
        spec["format"] = format_
    assert invoke(*RUN, *flags, spec=spec).out == b"/cats\n\n/\n"


def test_a_target_has_a_template_of_its_own(tmp_path: Path) -> None:
    """Each target of a tee takes its own format; one that fails ends the run for all."""
    file = tmp_path / "out.txt"
    spec = shop(good="{{ ms }}", bad="{{ 1 // (2 if path else 0) }}")
    form = {"type": "template", "name": "good"}
    spec["target"] = {"type": "tee", "targets": [
        {"type": "file", "path": str(file), "format": form},
        {"type": "stdout", "format": {"type": "template", "name": "bad"}}]}  # fmt: skip
    outcome = invoke(*RUN, spec=spec)
    assert (outcome.status, outcome.out) == (1, b"0\n")
    assert outcome.err == REPEAT + "template bad: line 1: division by zero\n"
    assert file.read_text() == "6163\n"


def test_records_before_one_that_fails_are_delivered(tmp_path: Path) -> None:
    """They are counted, too; and a limit before that record is reached without an error."""
    summary = tmp_path / "summary.json"
    body = "{{ 1 // price if price else ms }}{% if time.timestamp() > 1804809600.4 %}{{ 1 // 0 }}{% endif %}"
    outcome = ran(body, "-n", "10", "--summary", str(summary))
    told = json.loads(summary.read_text())
    assert (outcome.status, outcome.out.count(b"\n")) == (1, 3)
    assert (told["delivered"], told["reason"]) == (3, "error")
    assert outcome.err.endswith("template t: line 1: division by zero\n")
    assert ran(body).status == 0


def test_types_of_values() -> None:
    """Fields are what they are in Python: instants are datetimes, numbers add up, lists are lists."""
    spec, _, rows = world()
    body = (
        "{{ (time - begun).total_seconds() >= 0 }} {{ time.year }} {{ time.tzinfo.tzname(time) }} {{ whole + real }} "
        "{{ thing.at.strftime('%H') }} {{ things|length }} {{ flag|string }} {{ time.microsecond > 999 }}"
    )
    body = body.replace("{{ time.tzinfo.tzname(time) }}", "{{ time.tzname() }}")
    first, row = by_jinja(body)[0], rows[0]
    assert first == (
        f"true 2027 +01:00 {row['whole'] + row['real']} "
        f"{row['thing']['at'].hour} {len(row['things'])} "
        f"{ {True: 'true', False: 'false'}.get(row['flag'], '') } true\n"
    )
    assert spec.emitters


def test_an_instant_without_an_offset_counts_as_utc() -> None:
    """Its seconds since 1970 and its offset are those of UTC; its text has none."""
    body = (
        "{{ time.timestamp() }} {{ time.strftime('%s %z %Z') }} {{ time }} {{ time|string|length }}"
    )
    one, other = ran(body), ran("{% set x = 1 %}" + body)
    assert one.out.splitlines()[0] == (
        b"1804809600.0 1804809600 +0000 UTC 2027-03-12T00:00:00.000 23"
    )
    assert one.out == other.out


def test_what_is_nested_deeply_goes_to_jinja() -> None:
    """A chain that is too long for columns is rendered all the same."""
    chain = "".join(f"{{% elif ms == {n} or path == '{n}' %}}{n}" for n in range(400))
    spec = shop(t="{% if ms is none or path is none %}x" + chain + "{% else %}y{% endif %}")
    assert "it is nested deeply" in invoke("--validate", "-v", spec=spec).err
    assert invoke(*RUN, "--template", "t", spec=spec).out == b"y\n" * 3


def test_null_is_no_word() -> None:
    """Filters of texts take the text of null, of what is missing and of true and false."""
    outcome = ran(
        "{{ price|trim }}{{ path|default(none)|title }}{{ none|e }}{{ (1 == 1)|capitalize }}"
    )
    assert outcome.out == b"/catsTrue\n3.4True\n/True\n"


# the environment


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables are constants, in bodies and headers, also those that look like methods."""
    monkeypatch.setenv("items", "{{ x }}\udcff")
    outcome = ran("{{ env.items }} {{ env['items']|upper }}", header="{{ env.items }}")
    assert outcome.out.startswith(b"{{ x }}?\n{{ x }}? {{ X }}?\n")


def test_a_secret_is_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on load nor in a run does an error hold the value of a variable."""
    monkeypatch.setenv("TOKEN", "hunter2")
    for body in (
        "{{ path[env.TOKEN].x }}", "{{ [].index(env.TOKEN) }}", "{{ time.strftime(env.TOKEN ~ '%') }}",
        "{{ env.TOKEN + 1 }}", "{{ {}[env.TOKEN].x }}", "{{ path|format(env.TOKEN) }}", "{{ ms|nope(env.TOKEN) }}",
    ):  # fmt: skip
        outcome = ran(body)
        assert outcome.status == 1
        assert "hunter2" not in outcome.err
        assert "template t: line 1: a " in outcome.err or "templates.t.body: line 1" in outcome.err


def test_a_field_called_env_or_emitter_comes_first() -> None:
    """A field has its name for itself."""
    spec = shop(t="{{ env }} {{ emitter }}")
    spec["emitters"][0]["dimensions"] += [enum("env", "prod"), enum("emitter", "mine")]
    assert invoke(*RUN, "--template", "t", spec=spec).out == b"prod mine\n \nprod mine\n"


# what is refused

BAD = {
    "{{ path": "line 1: unexpected end of template, expected 'end of print statement'",
    "a\n{{ pth }}": 'line 2: no emitter has a field "pth"; did you mean "path"?',
    "{{ zzz }}": 'line 1: no emitter has a field "zzz"; one of time, path, ms, price, emitter',
    "{% if path %}": "line 1: unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'",
    "{% endif %}": "line 1: encountered unknown tag 'endif'",
    "{{ path|uper }}": 'line 1: there is no filter "uper"; did you mean "upper"?',
    "{{ path is strng }}": 'line 1: there is no test "strng"; did you mean "string"?',
    "{{ path + }}": "line 1: unexpected 'end of print statement'",
    "{% include 'x' %}": "line 1: include: a template cannot load other templates",
    "{% import 'x' as y %}": "line 1: import: a template cannot load other templates",
    "{% from 'x' import y %}": "line 1: from ... import: a template cannot load other templates",
    "{% extends 'x' %}": "line 1: extends: a template cannot load other templates",
    "{% block x %}{% endblock %}": "line 1: block: a template cannot load other templates",
    "\n\n{{ env.NOPE_ }}": 'line 3: the environment variable "NOPE_" is not set',
    "{{ env['NOPE_'] }}": 'line 1: the environment variable "NOPE_" is not set',
    "{{ env[path] }}": 'line 1: "env" is not a value by itself; name a variable: {{ env.HOME }}',
    "{{ env|tojson }}": 'line 1: "env" is not a value by itself; name a variable: {{ env.HOME }}',
    "{% set env = 1 %}": 'line 1: "env" is the environment, and cannot be set',
    "{{ path.__class__ }}": 'line 1: "__class__" is not allowed in templates',
    "{{ path['__class__'] }}": 'line 1: "__class__" is not allowed in templates',
    "{{ self }}": 'line 1: "self" is reserved by Jinja2',
    "{{ ms ** 2 }}": "line 1: ** is not allowed in templates",
    "{{ time.strftime('%Q') }}": 'line 1: strftime: "%Q" is not a strftime directive',
    "{{ '\\ud800' }}": "line 1: a lone surrogate is not a character",
    "{{ " + "(" * 5000: "line 1: is nested too deeply",
    "{% for a in [1] %}" * 25 + "{% endfor %}" * 25: "line 1: is nested too deeply",
    "": "line 1: is empty",
}


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_template_is_told_on_load(body: str) -> None:
    """The error has the place, the line and the remedy, in the template that is used or another."""
    wanted = f"stdin: templates.t.body: {BAD[body]}\n"
    assert ran(body).err == wanted
    spec = shop(good="{{ ms }}", t=body)
    for flags in (["--template", "good"], ["--validate"]):
        outcome = invoke(*RUN, *flags, spec=spec)
        assert (outcome.status, outcome.out, outcome.err) == (1, b"", wanted)


def test_all_mistakes_are_told_in_one_go() -> None:
    """Those of all templates, in the order of the document, each line once."""
    spec = shop(one="{{ a }}{{ a }}\n{{ b|c }}", two={"body": "{{ ms }}", "header": "{{ ms }}"})
    told = invoke("--validate", spec=spec).err.splitlines()
    assert [line.split(";")[0] for line in told] == [
        'stdin: templates.one.body: line 1: no emitter has a field "a"',
        'stdin: templates.one.body: line 2: no emitter has a field "b"',
        'stdin: templates.one.body: line 2: there is no filter "c"',
        'stdin: templates.two.header: line 1: "ms" belongs to a record',
    ]


@pytest.mark.parametrize(
    ("templates", "problem"),
    [
        ([], "templates: expected an object, not a list"),
        ({"t": "{{ ms }}"}, 'templates.t: expected an object, not "{{ ms }}"'),
        ({"t": {}}, "templates.t.body: missing"),
        ({"t": {"body": 1}}, "templates.t.body: expected a text, not 1"),
        ({"t": {"boddy": "x"}}, 'templates.t.boddy: unknown key; did you mean "body"?'),
        ({"t": {"body": "\ud800"}}, "templates.t.body: a lone surrogate is not a character"),
        ({"t": {"body": "x", "header": "{{ 1 / 0 }}"}}, "templates.t.header: line 1: division by zero"),
        ({"t": {"body": "x", "header": "{{ emitter }}"}},
         'templates.t.header: line 1: "emitter" belongs to a record; a header precedes all of them'),
    ],
)  # fmt: skip
def test_a_bad_block_of_templates_is_told(templates: Any, problem: str) -> None:
    """So is whatever is wrong with the block itself, or with a header."""
    assert (
        invoke("--validate", spec={**shop(), "templates": templates}).err == f"stdin: {problem}\n"
    )


@pytest.mark.parametrize("flags", [(), ("--validate",)])
def test_a_name_that_no_template_has(flags: tuple[str, ...]) -> None:
    """The nearest is named, whoever asks for it."""
    spec = shop(access="{{ ms }}")
    ask = ("--template", "acces")
    text = 'no template "acces"; did you mean "access"?\n'
    assert invoke(*RUN, *flags, *ask, spec=spec).err == f"--template acces: {text}"
    spec["format"] = {"type": "template", "name": "acces"}
    assert invoke(*RUN, *flags, spec=spec).err == f"stdin: format.name: {text}"
    none = invoke(*RUN, *flags, *ask, spec=shop()).err
    assert none == '--template acces: no template "acces"; the specification has no templates\n'


@pytest.mark.parametrize("other", [("--csv",), ("--tsv",), ("-f", os.devnull)])
def test_flags_that_contradict(other: tuple[str, ...]) -> None:
    """One format at a time."""
    outcome = invoke("-n", "1", "--template", "t", *other, spec=shop(t="x"))
    assert outcome.status == 2
    assert "contradict" in outcome.err or "not allowed with" in outcome.err


# the sandbox

ESCAPES = {
    "{{ path['__cl' ~ 'ass__'] }}": '"__class__" of a text is not allowed in templates',
    "{{ path['for' ~ 'mat'] }}": '"format" of a text is not allowed in templates',
    "{{ path.format(1) }}": '"format" of a text is not allowed in templates',
    "{{ [path]|map(attribute='__class__')|list }}": '"__class__" of a text is not allowed in templates',
    "{{ dict.mro() }}": '"mro" of a type is not allowed in templates',
    "{{ (5).to_bytes(9999999999) }}": '"to_bytes" of a number is not allowed in templates',
    "{{ 'x' * 10000000000 }}": "a text * a number is not allowed in templates",
    "{{ [0] * 10000000000 }}": "a list * a number is not allowed in templates",
    "{{ '%10000000000d' % ms }}": "a width of more than 1,000 characters",
    "{{ '%*d' % (10000000000, ms) }}": "a width of more than 1,000 characters",
    "{{ '%.99999999f'|format(ms) }}": "a width of more than 1,000 characters",
    "{{ path.ljust(10000000000) }}": "10000000000 is more than 1,000",
    "{{ path|center(10000000000) }}": "10000000000 is more than 1,000",
    "{{ path|indent(10000000000, true) }}": "10000000000 is more than 1,000",
    "{{ [1]|batch(10000000000, 1)|list }}": "10000000000 is more than 1,000",
    "{{ ms|round(-10000000000) }}": "-10000000000 is more than 1,000",
    "{{ [[1], [2]]|sum(start=[]) }}": "adding lists is not allowed",
    "{{ range(10000000000)|list }}": "a range of more than 100,000 numbers",
    "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}": "more than 100,000 steps for a record",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": "calls that are nested too deeply",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}": "more than 100,000 steps for a record",
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}": "more than 10,000,000 characters are made for a record",
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}": "more than 10,000,000 characters are made for a record",
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x|replace('', n.x) %}{% endfor %}": "more than 10,000,000 characters are made for a record",
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x.join([n.x, n.x, n.x]) %}{% endfor %}": "more than 10,000,000 characters are made for a record",
    "{% set n = namespace(x=7) %}{% for _ in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}": "a number grows too large",
    "{% set n = namespace(x=[1]) %}{% for _ in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}": "more than 100,000 parts of a value",
    "{{ time.strftime }}": "a method cannot be converted to text",
    "{{ [1]|map('string') }}": "a generator cannot be converted to text; use |list or |join",
    "{{ path.append(1) }}": "'str object' has no attribute 'append'",
    "{{ none.x.y }}": "'None' has no attribute 'x'",
    "{{ ms / (ms - ms) }}": "division by zero",
    "{{ price + 1 }}": "'price' is undefined",
}  # fmt: skip


@pytest.mark.parametrize("body", ESCAPES, ids=range(len(ESCAPES)))
def test_what_a_template_may_not_do(body: str) -> None:
    """It ends the run with a line that names the template and the line; nothing is exhausted."""
    outcome = ran("\n" + body)
    assert outcome.status == 1
    assert outcome.out == b""
    assert outcome.err.startswith(f"{REPEAT}template t: line 2: {ESCAPES[body]}")
    assert outcome.err.count("\n") == 2


@pytest.mark.parametrize("name", ["random", "lipsum", "urlize", "attr", "pprint"])
def test_nothing_random_and_no_back_doors(name: str) -> None:
    """Filters and functions whose text is not decided by the seed, or that reach attributes, are gone."""
    assert ran(f"{{{{ path|{name} }}}}").status == 1
    assert ran(f"{{{{ {name}() }}}}").status == 1
    assert name not in sandbox.Sandbox().globals


# the rest


def test_validation_says_which_way_a_template_goes() -> None:
    """A line for each, with `-v`."""
    spec = shop(
        access_common="{{ path }}", x="{{ ms }}\n\n{% for a in [path] %}{% endfor %}",
        some="{{ ms|int }} {{ path.upper() }}",
    )  # fmt: skip
    told = invoke("--validate", "-v", spec=spec).err
    assert told.splitlines()[-3:] == [
        "template access_common: as columns",
        'template x: by Jinja2, record by record for the emitter "page" (line 3: a loop)',
        'template some: by Jinja2, record by record for the emitter "page" (line 1: a call)',
    ]
    assert "template" not in invoke("--validate", spec=spec).err


LOGS = {
    "common": "{{ ip }} - {{ word or '-' }} [{{ time.strftime('%d/%b/%Y:%H:%M:%S') }} +0000] \"{{ shown }} {{ text }}"
    "{% if asked %}?{{ asked }}{% endif %} HTTP/1.1\" {{ port }} {{ whole }} \"{{ few|replace(' ', '+') }}\"",
    "json": '{"time": {{ time.timestamp()|int }}, "port": "{{ port }}", "whole": {{ whole }}}',
    "iis": "{{ time.strftime('%Y-%m-%d') }} {% if asked %}{{ asked }}{% else %}-{% endif %} {{ (whole / 1000)|int }} "
    "{% if text == '443' %}https{% else %}http{% endif %}",
    "secure": "{{ time.strftime('%b %d %H:%M:%S') }} sshd[{{ whole }}]: {% if text == 'ab' %}{{ shown }} for {{ few }} "
    "port {{ port }} ssh2{% else %}session {{ shown }} of {{ few }}{% endif %}",
    "flow": "{{ whole }} {{ ip }} {{ begun.timestamp()|int }} {{ time.timestamp()|int }} OK",
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_templates_of_common_logs_are_columns(name: str) -> None:
    """What logs of web servers, sshd and flows are written with stays within the columns."""
    assert by_columns(LOGS[name]) == by_jinja(LOGS[name])

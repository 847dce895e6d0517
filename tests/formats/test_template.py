"""Templates in whole runs: output, types of values, the environment, how they are chosen."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from datagen.formats.rendered import RecordBytes
from datagen.formats.template import TemplateFormatter
from datagen.spec.document import Template
from datagen.templating import (
    Renderer,
    rendering,
)
from tests.support.helpers import invoke
from tests.support.templates import RUN, by_jinja, enum, ran, shop, world


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
    assert (outcome.status, outcome.err) == (0, "")
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
    assert outcome.err == "template bad: line 1: division by zero\n"
    assert file.read_text() == "6163\n"


def test_records_before_one_that_fails_are_delivered(tmp_path: Path) -> None:
    """They are counted, too; and a limit before that record is reached without an error."""
    summary = tmp_path / "summary.json"
    body = "{{ 1 // price if price else ms }}{% if time.timestamp() > 1804809600.4 %}{{ 1 // 0 }}{% endif %}"
    words = ("--template", "t", "-n", "10", *RUN[2:], "--summary", str(summary))
    outcome = invoke(*words, spec=shop(t={"body": body}))
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


def test_null_is_no_word() -> None:
    """Filters of texts take the text of null, of what is missing and of true and false."""
    outcome = ran(
        "{{ price|trim }}{{ path|default(none)|title }}{{ none|e }}{{ (1 == 1)|capitalize }}"
    )
    assert outcome.out == b"/catsTrue\n3.4True\n/True\n"


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

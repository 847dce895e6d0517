"""Both ways of rendering templates, by Jinja2 and as columns, give the same texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.templating import (
    NotTranslatableError,
    TemplateError,
)
from tests.support.helpers import invoke
from tests.support.template_bodies import FIELDS, bodies
from tests.support.templates import RUN, by_columns, by_jinja, shop


def check(body: str) -> None:
    """Compare both ways, if there are both: a template of unsuitable functions has none."""
    try:
        found = by_columns(body)
    except (NotTranslatableError, TemplateError):
        return
    assert found == by_jinja(body)


@settings(max_examples=15)
@given(body=st.sampled_from(FIELDS).flatmap(bodies))
def test_both_ways_give_the_same_text(body: str) -> None:
    """Whatever can be a plan of columns gives what Jinja2 gives, and null exactly where that fails."""
    check(body)


@pytest.mark.long
@settings(max_examples=150)
@given(body=st.sampled_from(FIELDS).flatmap(bodies))
def test_both_ways_give_the_same_text_for_many(body: str) -> None:
    """Many times as many."""
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
    "{{ whole * real }} {{ whole + gaps }} {{ whole // whole }} {{ (real / half)|round(2) }} {{ huge * huge }}",
    "{{ real / whole if whole else 0 }} {{ (gaps or 0) + (half or 1.5) }} {{ huge - whole }} {{ huge % whole }}",
    "{{ whole < real }} {{ 1 < whole < real }} {{ word == few }} {{ text in (word, few, 'ab') }} {{ huge > real }}",
    "{{ (word + '-' + text)|upper }} {{ (text ~ whole)|length }} {{ word if whole > real else few }} {{ text or few|upper }}",
    "{{ time < begun }} {{ (time - begun).total_seconds() }} {{ begun.timestamp() - when.timestamp() }} {{ when == when }}",
    "{{ elsewhere|default(whole) }} {{ gaps|default(real) }} {{ gaps|default(real, true) }} {{ (few|default(word))|length }}",
    "{% if whole * 2 > real and word != few %}{{ port + whole }}{% elif port == whole %}{{ numbers * whole }}{% endif %}",
    "{{ sqrt(whole * whole) }} {{ max(whole, real)|round(1) }} {{ abs(half or 0.5) }} {{ floor(wide / 1e9) }}",
    "{{ upper(text) }} {{ md5(word ~ id) }} {{ text|startswith('a') }} {{ format('%5d|%-6s|', whole, few) }}",
    "{{ hour(time) }} {{ weekday(begun, 'Asia/Tokyo') }} {{ date(when) }} {{ strftime(time, '%H:%M %z') }} {{ epoch(begun) }}",
    "{{ log(real) }} {{ bucket(ip, 9) }} {{ count(split(text, ' ')) }} {{ crc32(few) if few else luhn('123') }}",
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
    "{{ instant(word) }}": "line 1: a function whose value is an instant",
    "{{ count(things) }}": "line 1: a function of a value of an unsuitable type",
    "{{ word + 1 }}": "line 1: arithmetic with a text",
    "{{ mixed * 2 }}": "line 1: arithmetic with a value of an unsuitable type",
    "{{ 1 < whole in (2, 3) }}": "line 1: several comparisons in one",
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


@pytest.mark.long
def test_what_is_nested_deeply_goes_to_jinja() -> None:
    """A chain that is too long for columns is rendered all the same."""
    chain = "".join(f"{{% elif ms == {n} or path == '{n}' %}}{n}" for n in range(400))
    spec = shop(t="{% if ms is none or path is none %}x" + chain + "{% else %}y{% endif %}")
    assert "it is nested deeply" in invoke("--validate", "-v", spec=spec).err
    assert invoke(*RUN, "--template", "t", spec=spec).out == b"y\n" * 3


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

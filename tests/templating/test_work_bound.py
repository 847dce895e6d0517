"""Which templates may be written by columns: those whose records stay far from the limits."""

import pytest

from datagen.language.calls import Calls
from datagen.templating.checking import check_template
from datagen.templating.meter import Meter
from datagen.templating.rendering import Renderer, RenderError
from datagen.templating.sandbox import Sandbox
from datagen.templating.work_bound import WorkBound


def bound(body: str, constant: int = 0) -> WorkBound:
    """Return the bound of a template over the field x."""
    sandbox = Sandbox(functions=Calls())
    tree = check_template(body, {"x": None, "time": None}, sandbox).tree
    return WorkBound(tree, ("x", "time"), constant, sandbox)


BODIES = [
    "{{ x }}",
    "{{ x ~ x ~ '-' }}",
    "{{ x|replace('a', 'bbbb')|replace('b', 'cc') }}",
    "{{ x|upper|tojson }}",
    "{% if x == 'a' %}{{ x }}{% elif 'b' in x %}{{ x|length }}{% else %}no{% endif %}",
    "{{ x|default('-') or 'none' }}",
    "{{ x|int + 1 }}",
    "{{ md5(x) }}{{ bucket(x, 5) }}{{ split(x, ',')|length }}{{ sha256(upper(x)) }}",
    "{{ format('%-99s|%s', x, x) }}{{ x|startswith('a') }}{{ string(x) }}",
]


@pytest.mark.parametrize("length", [1, 100, 3_000])
@pytest.mark.parametrize("body", BODIES)
def test_no_record_takes_more_than_the_bound(body: str, length: int) -> None:
    """What a bound allows within some budget, a record can be rendered with."""
    found, work = bound(body), 1
    while not found.allows(length, 1, Meter(work=work)):
        work *= 2
    size = 1
    while not found.allows(length, 1, Meter(size=size)):
        size *= 2
    sandbox = Sandbox(Meter(work=work, size=size), Calls())
    renderer = Renderer(check_template(body, {"x": None}, sandbox), sandbox, {})
    try:
        renderer.render(("x",), ("a" * length,))
    except RenderError as error:
        pytest.fail(str(error))


def test_what_grows_is_not_allowed() -> None:
    """By replacing, by the length of a text, by constants or by the number of rows."""
    growing = "{{ x" + "|replace('a', 'aa')" * 40 + " }}"
    assert not bound(growing).allows(10, 1, Meter())
    assert not bound("{{ x ~ x }}").allows(3_000_000, 1, Meter())
    assert not bound("{{ x }}", constant=60_000_000).allows(10, 1, Meter())
    assert bound("{{ x|replace('a', 'b') }}").allows(100_000, 10, Meter())
    assert not bound("{{ x|replace('a', 'b') }}").allows(100_000, 32_768, Meter())


def test_templates_of_logs_are_allowed() -> None:
    """With hundreds of fields, thousands of rows and texts that are long for a log."""
    body = "{{ time.strftime('%d/%b/%Y:%H:%M:%S') }} \"{{ x|replace('\"', '\\\\\"') }}\" {% if x %}{{ x }}{% endif %}"
    assert bound(body * 200).allows(1_000, 8_000, Meter())

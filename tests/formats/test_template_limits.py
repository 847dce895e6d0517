"""Templates that take too much end with one line, soon and with little memory; a signal ends them too."""

import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.formats import template
from datagen.formats.template import TemplateFormat
from datagen.language.calls import Calls
from datagen.spec.parsing import parse_spec
from datagen.templating import Renderer, RenderError, Sandbox, check_template
from datagen.templating.meter import Meter
from tests.support.helpers import invoke
from tests.support.hostile_templates import (
    BODIES,
    PIECES,
    REFUSED,
    TOO_LARGE,
    TOO_MUCH,
    hostile_body,
)
from tests.support.quickness import at_most, slowness
from tests.support.templates import RUN, SPEC, ran, shop, world

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 5.0, 400  # of one template; nearly all take a hundredth


def rendered(body: str, meter: Meter | None = None) -> str:
    """Return the text of one record, or why there is none."""
    sandbox = Sandbox(meter, Calls())
    template = check_template(body, {"x": None}, sandbox)
    try:
        return Renderer(template, sandbox, {}).render(("x",), ("some text",))
    except RenderError as error:
        return str(error)


def memory() -> float:
    """Return the most that this process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_what_takes_too_much_is_refused(body: str) -> None:
    """Before it has been computed: by size and cost, whatever the means."""
    held = memory()
    with at_most(SECONDS):
        assert BODIES[body] in rendered(body)
    assert memory() - held < MEGABYTES


@pytest.mark.parametrize("body", REFUSED, ids=range(len(REFUSED)))
def test_what_is_too_large_itself_is_refused_on_load(body: str) -> None:
    """Numbers that Python cannot write, and source that would take long to compile."""
    outcome = invoke("--validate", spec=shop(t=body.replace("x|", "ms|").replace("x +", "ms +")))
    assert (outcome.status, outcome.err) == (1, f"stdin: templates.t.body: {REFUSED[body]}\n")


def test_mistakes_are_counted() -> None:
    """A hundred are told, not each of thousands."""
    body = "".join(f"{{{{ a{n} }}}}" for n in range(2_000))
    assert invoke("--validate", spec=shop(t=body)).err.count("\n") == 100


@settings(max_examples=60, deadline=None)
@given(places=st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=6))
def test_whatever_is_made_of_hostile_pieces_ends(places: list[int]) -> None:
    """With a text or a line, within a budget that is spent in a moment."""
    meter = Meter(work=200_000, size=20_000)
    assert isinstance(rendered(hostile_body(places), meter), str)
    assert meter.spent < 200_000 * 60  # no single step goes far beyond it


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(places=st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=12))
def test_whatever_is_made_of_many_hostile_pieces_ends(places: list[int]) -> None:
    """With the budget of a real record."""
    held = memory()
    with at_most(SECONDS):
        rendered(hostile_body(places))
    assert memory() - held < MEGABYTES


GROWING = "{{ path" + "|replace('/', '//')" * 40 + " }}"


@pytest.mark.parametrize("more", ["", "{% set unused = 1 %}"])
def test_both_ways_have_the_same_limits(more: str) -> None:
    """A template that columns could write is refused there too: Jinja2 says what is wrong."""
    outcome = ran(GROWING + more)
    assert (outcome.status, outcome.out) == (1, b"")
    assert TOO_LARGE in outcome.err


def test_a_chain_of_many_texts_is_quick() -> None:
    """The time is that of its length."""
    with at_most(SECONDS):
        assert ran("{{ path" + "~path" * 4_000 + " }}").status == 0


def test_a_stop_cuts_the_batch_at_a_record() -> None:
    """What was rendered until then is there; a signal loses nothing that is done."""
    templates = {"slow": {"body": "{% for a in range(9) %}{{ real }}{% endfor %}"}}
    spec, _ = parse_spec({**SPEC, "templates": templates}, "spec")
    _, batch, _ = world()
    formatter = TemplateFormat(name="slow").compile(spec)
    seen = iter([False] * 10 + [True] * 1_000)
    formatter.stop_when(lambda: next(seen))
    payload = formatter.render(batch)
    assert payload.stopped is not None
    assert payload.stopped[0] == 10


@pytest.mark.parametrize("field", ["ms", "path"])
def test_records_of_a_batch_are_limited_together(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is small enough, all of them are not; also where a text is that of many records."""
    monkeypatch.setattr(template, "_MAX_BATCH", 3_000)
    body = f"{{% for a in range(1000) %}}x{{% endfor %}}{{% set y = {field} %}}{{{{ y }}}}"
    outcome = invoke("-n", "1000", *RUN[2:], "--template", "t", spec=shop(t=body))
    assert outcome.status == 1
    assert outcome.err.endswith(
        "template t: line 1: records grow too large, too fast: more than 1 GB at a time\n"
    )
    assert outcome.out.count(b"\n") < 50


def test_a_record_is_limited_like_any_value() -> None:
    """A template that writes piece by piece makes no larger one."""
    body = "{% for a in range(99) %}{{ x }}{% endfor %}"
    assert TOO_LARGE in rendered(body, Meter(size=500))


def test_hostile_templates_take_what_is_told() -> None:
    """`TOO_MUCH` names the budget."""
    assert TOO_MUCH + " 10 steps or 1,000 characters" in rendered(
        "{% for _ in range(99) %}{{ x }}{% endfor %}", Meter(work=1_000)
    )


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("clock", [("-s", "2027-03-12"), ("-s", "2020-03-12", "--then-live")])
def test_a_signal_ends_a_hostile_run(tmp_path: Path, number: int, clock: tuple[str, ...]) -> None:
    """Within two seconds of a usual machine, and in order, wherever the text is made."""
    body = "{% for a in range(999) %}{% for b in range(200) %}{{ ms + b }}{% endfor %}{% endfor %}"
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(shop(t=body)), encoding="utf-8")
    words = [sys.executable, "generator.py", "-c", str(file), "--template", "t", *clock]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.read(1)  # it is at work
        run.send_signal(number)
        began = time.monotonic()
        run.communicate(timeout=60)
        assert time.monotonic() - began < 2 * slowness()
    assert run.returncode == 128 + number

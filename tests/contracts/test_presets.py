"""What holds for every preset: valid, documented, as its page says, and the same bytes as ever."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from tests.guarantees.golden import (
    FOLDER,
    PRESETS,
    golden_records,
    records,
)
from tests.support.helpers import invoke
from tests.support.presets import PAGES, documented, page, spec_of

TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, float),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
    "missing": lambda value: value is ...,
}


LIMITS = {"shop": ("-m", "none")}  # where values decide, no other limit is sure to hold nobody back


def fences(preset: str, language: str) -> list[str]:
    """Return the code blocks of a page in one language, indented ones too."""
    blocks = re.findall(
        rf"^( *)```{language}\n(.*?)\n\1```$", page(preset), re.MULTILINE | re.DOTALL
    )
    return [text for _, text in blocks]


def ways(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return where a state leads, in either form."""
    found: list[dict[str, Any]] = state.get("transitions", [])
    return found or [{"next": state.get("next", "nowhere"), "probability": 1}]


def shown(way: dict[str, Any]) -> str:
    """Return how a page shows a transition."""
    name: str = way["next"]
    share = f" {100 * way['probability']:g} %" if "probability" in way else ""
    when = way.get("when")
    return (
        name
        + share
        + (f" when `{when}`" if when not in (None, "else") else "")
        + (" else" if when == "else" else "")
    )


def test_the_presets_are_there() -> None:
    """The folder holds the presets that the documentation promises, each with its page."""
    assert PRESETS == [
        "clickstream", "dns_queries", "example", "iot_sensors", "kubernetes_json", "payments",
        "shop", "ssh_auth", "support_tickets", "syslog_app", "vpc_flow_logs", "web_access",
    ]  # fmt: skip
    assert sorted(path.stem for path in PAGES.glob("*.md")) == PRESETS


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_validates_without_a_warning(preset: str) -> None:
    """Nothing is said about a preset but that it is all right."""
    outcome = invoke("-c", preset, "--validate", *LIMITS.get(preset, ()))
    assert outcome.status == 0
    assert re.fullmatch(rf".*{preset}\.json: ok: .*\n", outcome.err)


@pytest.mark.parametrize("preset", PRESETS)
def test_records_have_the_documented_fields_and_types(preset: str) -> None:
    """Each record has the fields of the page's table, in its order; each type listed occurs."""
    fields, seen = documented(preset), set()
    for record in records(preset, 10_000):
        assert list(record) == [name for name in fields if name in record]
        for name, types in fields.items():
            kinds = [kind for kind in types if TYPES[kind](record.get(name, ...))]
            assert kinds, (name, record)
            seen |= {(name, kind) for kind in kinds}
    assert seen == {(name, kind) for name, kinds in fields.items() for kind in kinds}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_page_shows_every_state_and_where_it_leads(preset: str) -> None:
    """The table of states says what the specification says, transition by transition."""
    rows = re.findall(
        r"^\| ([^|]+) \| (a record|nothing) \| [^|]+ \| ([^|]+) \|$", page(preset), re.MULTILINE
    )
    assert rows == [
        (
            state["name"],
            "a record" if "emitter" in state else "nothing",
            ", ".join(map(shown, ways(state))),
        )
        for state in spec_of(preset)["states"]
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_output_on_a_page_is_what_its_command_prints(preset: str) -> None:
    """The first command of a page gives the very lines below it."""
    command, output = fences(preset, "bash")[0], fences(preset, "text")[0]
    program, script, *arguments = shlex.split(command)
    outcome = invoke(*arguments)
    assert (program, script, outcome.status) == ("python", "generator.py", 0)
    assert outcome.out.decode() == output + "\n"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_command_of_a_page_runs(preset: str) -> None:
    """Each command comes to an end, and gives records."""
    commands = [line for block in fences(preset, "bash") for line in block.splitlines()]
    assert len(commands) >= 2
    for command in commands:
        outcome = invoke(*shlex.split(command)[2:])
        assert outcome.status == 0, outcome.err
        assert outcome.out.count(b"\n") >= 5


@pytest.mark.parametrize("preset", PRESETS)
def test_the_fragments_of_a_page_are_json(preset: str) -> None:
    """What a page suggests to write into a specification parses."""
    fragments = fences(preset, "json")
    assert fragments
    for fragment in fragments:
        assert isinstance(json.loads(fragment), dict)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_gives_its_golden_records(preset: str) -> None:
    """The bytes are those of the golden file; `python -m tests.guarantees.golden` renews it."""
    golden = (FOLDER / f"{preset}.jsonl").read_bytes()
    assert golden.count(b"\n") == 200
    assert golden_records(preset) == golden

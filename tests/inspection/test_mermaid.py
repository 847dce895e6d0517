"""Mermaid state diagrams."""

import re

import pytest

from datagen.inspection.diagram import diagram_of
from datagen.inspection.mermaid import mermaid_lines, safe
from tests.inspection.drawn import HOSTILE, PRESETS, drawn, hostile, machine, preset

TEXT = r"(?:[^\"#;:<>{}\[\]|\\`&%*~$\n]|#\d+;)+"
LINE = re.compile(
    rf'    (?:state "{TEXT}(?:<br/>{TEXT})*" as s\d+|(?:\[\*\]|s\d+) --> (?:\[\*\]|s\d+) : {TEXT})'
)


def test_states_and_transitions() -> None:
    """States by numbers, so that a name is a text only."""
    spec = machine(["end"], leads=0)
    assert list(mermaid_lines(drawn(spec))) == [
        "stateDiagram-v2",
        '    state "end<br/>emits e<br/>waits 1 s (exponential)" as s0',
        "    [*] --> s0 : workers#58; one every 1 s",
        "    s0 --> s0 : 50 #37;",
        "    s0 --> [*] : 50 #37;",
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_every_line_of_a_preset_has_one_of_two_forms(name: str) -> None:
    """A state, or a transition; all of both."""
    diagram = diagram_of(preset(name))
    first, *lines = mermaid_lines(diagram)
    assert first == "stateDiagram-v2"
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len(lines) == len(diagram.states) + len(diagram.beginnings) + len(diagram.arrows)


def test_hostile_names_mean_nothing() -> None:
    """Whatever they are in Mermaid, or in the HTML that it makes."""
    _, *lines = mermaid_lines(diagram_of(hostile()))
    assert [line for line in lines if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_they_are(name: str) -> None:
    """A number of a character stands for it."""
    shown = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), safe(name))
    expected = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)
    assert shown == (expected if len(name) <= 80 else f"{expected[:77]}...")

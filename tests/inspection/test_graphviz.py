"""DOT, for Graphviz."""

import re

import pytest

from datagen.inspection.diagram import diagram_of
from datagen.inspection.graphviz import dot_lines, quoted_id
from tests.inspection.drawn import HOSTILE, PRESETS, drawn, hostile, machine, preset

STRING = r'"(?:[^"\\\n]|\\["\\n])*"'
ATTRIBUTES = rf"\[\w+=(?:{STRING}|[\w.]+)(?:, \w+=(?:{STRING}|[\w.]+))*\]"
LINE = re.compile(rf"    (?:node|edge|\w+|\w+ -> \w+) {ATTRIBUTES};")


def test_states_and_transitions() -> None:
    """A box for each state, an arrow for each pair of states, a dot where workers begin."""
    lines = list(dot_lines(drawn(machine(["end"], leads=0))))
    assert lines[0] == "digraph machine {"
    assert lines[4:] == [
        '    s0 [label="end\\nemits e\\nwaits 1 s (exponential)"];',
        '    begin0 [label="", shape=circle, width=0.15, fillcolor="#222222"];',
        '    begin0 -> s0 [label="workers: one every 1 s"];',
        '    stop [label="", shape=doublecircle, width=0.12, fillcolor="#222222"];',
        '    s0 -> s0 [label="50 %"];',
        '    s0 -> stop [label="50 %"];',
        "}",
    ]


@pytest.mark.parametrize("name", [*PRESETS, ""])
def test_every_line_is_a_statement(name: str) -> None:
    """Of the presets, and of names that would be something else if they were not escaped."""
    diagram = diagram_of(preset(name) if name else hostile())
    _, _, *lines, last = dot_lines(diagram)
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert last == "}"
    assert sum(" -> " in line.split(" [")[0] for line in lines) == len(diagram.arrows) + len(
        diagram.beginnings
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_strings_end_where_they_should(name: str) -> None:
    """No quote is left, and no backslash that would be an escape of labels."""
    text = quoted_id(name)
    assert re.fullmatch(STRING, text)
    assert re.sub(r"\\\\", "", text).count("\\N") == 0
    assert max(map(len, text.split("\\n"))) < 90


def test_long_lines_are_folded_at_blanks() -> None:
    """A condition may be a long one."""
    assert quoted_id("if " + "some > 1 and " * 5) == (
        '"if some > 1 and some > 1 and some > 1\\nand some > 1 and some > 1 and "'
    )


def test_states_without_records_or_way_are_drawn_otherwise() -> None:
    """White; dashed."""
    spec = machine(["a", "b"], leads=0)
    del spec["states"][1]["emitter"]
    spec["states"][0]["transitions"] = [{"next": "stop", "probability": 1}]
    lines = list(dot_lines(drawn(spec)))
    assert 'fillcolor="#ffffff", style="rounded,dashed"' in lines[5]

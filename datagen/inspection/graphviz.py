"""Turns the picture of a machine into the DOT language, which Graphviz draws."""

from collections.abc import Iterator

from datagen.inspection.diagram import Diagram, StateBox
from datagen.one_line import escaped
from datagen.spec.state_graph import STOP

_LINE = 40  # characters of a label, after which it goes on below


def dot_lines(diagram: Diagram) -> Iterator[str]:
    """Yield the lines of a `digraph`. States are called s0, s1, ..."""
    yield "digraph machine {"
    yield "    rankdir=TB; ranksep=0.6;"
    yield '    node [shape=box, style="rounded,filled", fillcolor="#e8f0f8", fontname="sans-serif", fontsize=12];'
    yield '    edge [fontname="sans-serif", fontsize=10, color="#4a5560"];'
    for number, state in enumerate(diagram.states):
        yield f"    s{number} [label={_label(state)}{_style(state)}];"
    for number, beginning in enumerate(diagram.beginnings):
        yield f'    begin{number} [label="", shape=circle, width=0.15, fillcolor="#222222"];'
        yield f"    begin{number} -> s{beginning.first} [label={quoted_id(beginning.text)}];"
    if diagram.ends:
        yield '    stop [label="", shape=doublecircle, width=0.12, fillcolor="#222222"];'
    for arrow in diagram.arrows:
        target = "stop" if arrow.target == STOP else f"s{arrow.target}"
        yield f"    s{arrow.source} -> {target} [label={quoted_id(arrow.label)}];"
    yield "}"


def _label(state: StateBox) -> str:
    return quoted_id("\n".join((escaped(state.name), *map(escaped, state.notes))))


def _style(state: StateBox) -> str:
    """Return how a state is drawn that makes no records, or that no worker can reach."""
    fill = "" if state.emitters else ', fillcolor="#ffffff"'
    return fill if state.reached else f'{fill}, style="rounded,dashed"'


def quoted_id(text: str) -> str:
    r"""Return a text as a quoted string of DOT: each line is one of at most so many characters, centred.

    A backslash is doubled: before a letter it would be an escape of labels (`\N` is the name of a node). So is `&`
    written as an entity, or what follows would be one.
    """
    lines = [escaped(part) for line in text.split("\n") for part in _folded(line)]
    safe = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(safe) + '"'


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts, at blanks where there are some."""
    while len(line) > _LINE:
        cut = line.rfind(" ", 1, _LINE)
        cut = _LINE if cut < 0 else cut
        yield line[:cut]
        line = line[cut:].lstrip(" ")
    yield line

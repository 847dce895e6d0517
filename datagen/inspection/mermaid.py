"""Turns the picture of a machine into a Mermaid state diagram, as pages of many hosts show them."""

from collections.abc import Iterator

from datagen.inspection.diagram import Diagram, StateBox
from datagen.one_line import shortened
from datagen.spec.state_graph import STOP

_LONGEST = 80  # characters of a name or a label
# what Mermaid or the HTML that it makes takes for its own; written as numbers of characters, which it shows again
_SPECIAL = frozenset('"#;:<>{}[]|\\`&%*~$')


def mermaid_lines(diagram: Diagram) -> Iterator[str]:
    """Yield the lines of a `stateDiagram-v2`. States are called s0, s1, ..., so that no name means something else."""
    yield "stateDiagram-v2"
    for number, state in enumerate(diagram.states):
        yield f'    state "{_described(state)}" as s{number}'
    for beginning in diagram.beginnings:
        yield f"    [*] --> s{beginning.first} : {safe(beginning.text)}"
    for arrow in diagram.arrows:
        target = "[*]" if arrow.target == STOP else f"s{arrow.target}"
        yield f"    s{arrow.source} --> {target} : {safe(arrow.label)}"


def _described(state: StateBox) -> str:
    """Return the name of a state and what is known of it, each on a line of its own."""
    return "<br/>".join(safe(text) for text in (state.name, *state.notes))


def safe(text: str) -> str:
    """Return a text in which nothing has a meaning: no keyword, no end of a line, no mark-up."""
    short = shortened(text, _LONGEST)
    return "".join(_written(char) for char in short) or " "


def _written(char: str) -> str:
    """Return a character, or its number where it is special or does not print: then as what stands for it."""
    if char in _SPECIAL:
        return f"#{ord(char)};"
    return char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"

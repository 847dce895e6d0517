"""The forms in which a machine is drawn: `--explain mermaid`, `--explain dot`."""

from collections.abc import Callable, Iterable, Mapping

from datagen.inspection.diagram import diagram_of
from datagen.inspection.graphviz import dot_lines
from datagen.inspection.mermaid import mermaid_lines
from datagen.running.plan import Plan

Drawing = Callable[[Plan], Iterable[str]]  # raises UsageError where a plan has no machine

DRAWINGS: Mapping[str, Drawing] = {
    "mermaid": lambda plan: mermaid_lines(diagram_of(plan)),
    "dot": lambda plan: dot_lines(diagram_of(plan)),
}  # by the value of --explain

"""Turns JSON into a checked generator specification, with all of its problems at once.

There are two forms: the classic one is what the machine is made of; the process form, in the words of
BPMN, is turned into it. The file is checked in three passes: the names by which parts refer to each
other (`references`), the keys and values of every part (the models), and, once these are right, what
is certain about runs of the machine (`state_graph`).
"""

from typing import Any

from pydantic import ValidationError

from datagen.errors import Problem, SpecError
from datagen.spec import state_graph
from datagen.spec.generator import Generator
from datagen.spec.process import PROCESS, is_process, repeated_setters
from datagen.spec.process_document import ProcessDocument
from datagen.spec.references import CLASSIC, reference_problems
from datagen.validation import in_document_order, problems_of


def parse_spec(raw: Any, file: str) -> tuple[Generator, list[Problem]]:
    """Return the model of a specification, JSON as Python holds it, and its warnings.

    Raises SpecError with every problem of the file, in the order of the document.
    """
    form, rules = (ProcessDocument, PROCESS) if is_process(raw) else (Generator, CLASSIC)
    problems = [Problem(path, text, file) for path, text in reference_problems(raw, rules)]
    try:
        spec = form.model_validate(raw)
    except ValidationError as error:
        problems += problems_of(error, file)
    if problems:
        raise SpecError(in_document_order(problems, raw))
    graph = spec.graph()
    errors = [Problem(path, text, file) for path, text in state_graph.errors(graph)]
    if errors:
        raise SpecError(errors)
    repeated = repeated_setters(raw) if rules.repeated_setters else ()
    rounded = [
        ((), f"{what} {each.rounding()}") for what, each in spec.durations() if each.rounding()
    ]
    warnings = [*state_graph.warnings(graph), *repeated, *rounded]
    return spec.classic(), [Problem(path, text, file) for path, text in warnings]

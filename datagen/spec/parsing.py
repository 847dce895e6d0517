"""Turns JSON into a checked generator specification, with all of its problems at once.

There are two forms: the classic one is what the machine is made of; the process form, in the words of
BPMN, is turned into it. The file is checked in three passes: the names by which parts refer to each
other (`references`), the keys and values of every part (the models), and, once these are right, what
is certain about runs of the machine (`state_graph`).
"""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from datagen.errors import Problem, SpecError
from datagen.spec import state_graph
from datagen.spec.deciding import deciding_problems, decisions_of
from datagen.spec.entities import bind_entities, entity_problems
from datagen.spec.forms import ReadJson, child_alone, is_process
from datagen.spec.generator import Generator
from datagen.spec.old_words import Modern, modernized
from datagen.spec.record_problems import problems_of_records
from datagen.spec.references import CLASSIC, FormRules, reference_problems, repeated_names
from datagen.spec.scopes import compiled_decisions, compiled_expressions, scope_of
from datagen.spec.tables import with_tables
from datagen.spec.transitions import open_choices
from datagen.validation import in_document_order, problems_of

if TYPE_CHECKING:
    from datagen.spec.process_document import ProcessDocument


def no_children(path: str) -> tuple[Any, str]:
    """Refuse to read a child."""
    raise SpecError([Problem((), "cannot be read here", path)])


def parse_spec(
    raw: Any, file: str, path: str | None = None, read: ReadJson = no_children
) -> tuple[Generator, list[Problem]]:
    """Return the model of a specification, JSON as Python holds it, and its warnings.

    `path` is that of its file, if it comes from one, and `read` returns the JSON of a path, and the name
    that its problems go by: of the children of a process. Raises SpecError with every problem of the file, in the order of the document.
    """
    modern = modernized(raw)
    words = modern.raw
    alone = [Problem(path, text, file) for path, text in child_alone(words)]
    if alone:
        raise SpecError(alone)
    if not is_process(words):
        return _parsed(Generator, CLASSIC, modern, file, path)
    # most specifications need none of this
    from datagen.spec.children import has_children, load_children  # noqa: PLC0415
    from datagen.spec.process_document import ProcessDocument  # noqa: PLC0415
    from datagen.spec.process_flows import PROCESS  # noqa: PLC0415

    if not has_children(words):
        return _parsed(ProcessDocument, PROCESS, modern, file, path)
    from datagen.spec.process_family import parse_family  # noqa: PLC0415

    return parse_family(*load_children(raw, modern, file, path, read), path)


def _parsed(
    form: "type[Generator | ProcessDocument]",
    rules: FormRules,
    modern: Modern,
    file: str,
    path: str | None,
) -> tuple[Generator, list[Problem]]:
    """Return the model of a file by itself, in one of the two forms, and its warnings."""
    words = modern.raw
    problems = [Problem(path, text, file) for path, text in reference_problems(words, rules)]
    try:
        spec = form.model_validate(words)
    except ValidationError as error:
        problems += problems_of(error, file)
    else:
        spec, found_in_tables = with_tables(spec, spec.tables, path)
        problems += [Problem(path, text, file) for path, text in found_in_tables]
    if problems:
        raise SpecError(modern.in_file(in_document_order(problems, words)))
    bind_entities([spec], spec.entities)
    graph = spec.graph()
    errors = [Problem(path, text, file) for path, text in state_graph.errors(graph)]
    if errors:
        raise SpecError(modern.in_file(errors))
    compiled = spec.compiled()
    found_entities = [Problem(path, text, file) for path, text in entity_problems(compiled)]
    if found_entities:
        raise SpecError(modern.in_file(in_document_order(found_entities, words)))
    expressions = compiled_expressions(compiled)
    decided = compiled_decisions(decisions_of(spec.states), scope_of(compiled))
    wrong = [
        Problem(path, text, file)
        for path, text in (
            *expressions.problems,
            *decided.problems,
            *deciding_problems(spec.states, compiled.setters),
            *problems_of_records(compiled),
        )
    ]
    if wrong:
        raise SpecError(modern.in_file(in_document_order(wrong, words)))
    found = (
        *state_graph.warnings(graph),
        *repeated_names(words),
        *open_choices(words),
        *spec.warnings(),
        *expressions.warnings,
        *decided.warnings,
    )
    warnings = [Problem(path, text, file) for path, text in found]
    warnings += [
        Problem(path, text, file, minor=True) for path, text in (*modern.notes, *spec.old_words())
    ]
    return compiled, modern.in_file(warnings)

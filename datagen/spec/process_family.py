"""Turns a process and its children into one checked specification: what `parsing` does for one file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field as Key
from pydantic import ValidationError

from datagen.distributions.base import Distribution
from datagen.errors import Path, Problem, SpecError
from datagen.fields.base import Field
from datagen.one_line import counted
from datagen.spec import state_graph
from datagen.spec.children import ProcessFile
from datagen.spec.deciding import deciding_problems, decisions_of
from datagen.spec.emitter import Emitter, variables_by_emitter
from datagen.spec.entities import bind_entities, entity_problems
from datagen.spec.expansion import Expansion, PlacedState, expanded
from datagen.spec.generator import CompiledGenerator
from datagen.spec.merging import merged_states
from datagen.spec.process import arrivals_of_starts
from datagen.spec.process_document import ProcessDocument
from datagen.spec.process_flows import CHILD, PROCESS
from datagen.spec.record_problems import problems_of_records
from datagen.spec.references import Setters, reference_problems, repeated_names, setters_of
from datagen.spec.scopes import compiled_decisions, compiled_expressions, scope_of
from datagen.spec.subprocesses import item_as_raw, raw_items, unknown_lists
from datagen.spec.tables import with_tables
from datagen.spec.transitions import open_choices
from datagen.validation import in_document_order, objects_at, problems_of, quoted, value_at

Documents = dict[int, ProcessDocument]


class ChildDocument(ProcessDocument):
    """A child: its emitters are those of the files that run it, and its own."""

    emitters: list[Emitter] = Key(default_factory=list)


class ExpandedGenerator(CompiledGenerator):
    """A process with copies of its children; `placed` are the states that the merged ones begin with."""

    root: Any  # a ProcessFile
    expansion: Any  # an Expansion
    placed: tuple[Any, ...]  # of PlacedState

    @property
    def source_files(self) -> tuple[str, ...]:
        return (*super().source_files, *(file.name for file in self.root.files()[1:]))

    @property
    def child_documents(self) -> tuple[Any, ...]:
        return (*super().child_documents, *(file.raw for file in self.root.files()[1:]))

    def described(self) -> str:
        files, states = len(self.root.files()) - 1, len(self.expansion.states)
        with_children = f"{states:,} with {files} {'child' if files == 1 else 'children'}"
        own, emitters = counted(self.state_count, "state"), counted(len(self.emitters), "emitter")
        return f"{own} ({with_children}), {emitters}"

    def variables_path(self, state: int) -> Path:
        placed = self._placed(state)
        return (*_states_of(placed.file, self.root), placed.index, self.merged[state].part.key)

    def streams_path(self, state: int) -> tuple[str, ...]:
        return (*self._placed(state).streams, self.merged[state].part.key)

    def field_lists(self) -> Iterator[tuple[Path, tuple[str, ...], Sequence[Field]]]:
        seen = set()
        for number, state in enumerate(self.states):
            streams = self.streams_path(number)
            if streams not in seen:
                yield self.variables_path(number), streams, state.variables
            seen.add(streams)
        for placed in self.expansion.emitters:
            where = "emitters" if placed.file is self.root else f"{placed.file.name}: emitters"
            streams = ("emitters", placed.emitter.name, "dimensions")
            yield (where, placed.index, "dimensions"), streams, placed.emitter.dimensions

    def defaults(self) -> Mapping[int, Sequence[Field]]:
        made = {number: list(each.part.defaults) for number, each in enumerate(self.merged)}
        for number, fields in super(CompiledGenerator, self).defaults().items():
            names = {each.name for each in fields}
            made[number] = [*fields, *(each for each in made[number] if each.name not in names)]
        return {number: fields for number, fields in made.items() if fields}

    def durations(self) -> Iterator[tuple[str, Distribution]]:
        yield from super().durations()
        seen = set()
        for placed in self.expansion.states:
            if placed.file is not self.root and placed.streams not in seen:
                seen.add(placed.streams)
                for part in placed.state.parts():
                    if part.wait is not None:
                        name = ".".join(placed.streams[1::2])
                        yield f"{placed.state.type} {quoted(name)}: a mean", part.wait

    def _placed(self, state: int) -> PlacedState:
        placed: PlacedState = self.placed[self.merged[state].index]
        return placed


def parse_family(
    root: ProcessFile, unread: Sequence[Problem], path: str | None = None
) -> tuple[CompiledGenerator, list[Problem]]:
    """Return the model of a process with its children, and warnings.

    `unread` are the problems of children that could not be read, `path` is that of the file. Raises SpecError with all problems.
    """
    documents, problems = _documents(root, incomplete=bool(unread))
    if id(root) in documents:
        documents[id(root)], found = with_tables(
            documents[id(root)], documents[id(root)].tables, path
        )
        problems += [Problem(where, text, root.name) for where, text in found]
    if unread or problems:
        raise SpecError([*problems, *unread])
    bind_entities([*documents.values()], documents[id(root)].entities)
    expansion, document = expanded(root, documents), documents[id(root)]
    graph = _graph(expansion, document)
    errors = expansion.in_files(state_graph.errors(graph))
    if errors:
        raise SpecError(errors)
    compiled = _compiled(root, document, expansion)
    warnings = expansion.in_files(state_graph.warnings(graph))
    warnings += _checked_names(root, documents, compiled)
    for file in root.files():
        own = documents[id(file)]
        found = [*repeated_names(file.words), *open_choices(file.words), *own.warnings()]
        notes = [*file.modern.notes, *own.old_words()]
        made = [Problem(path, text, file.name) for path, text in found]
        made += [Problem(path, text, file.name, minor=True) for path, text in notes]
        warnings += file.modern.in_file(made)
    return compiled, warnings


def _checked_names(
    root: ProcessFile, documents: Documents, compiled: CompiledGenerator
) -> list[Problem]:
    """Return the warnings of what expressions and entities name. Raises SpecError with all that is wrong there."""
    wrong = [
        Problem(path, text, root.name) for path, text in dict.fromkeys(entity_problems(compiled))
    ]
    if wrong:
        raise SpecError(wrong)
    expressions = compiled_expressions(compiled)
    wrong = [
        Problem(path, text, root.name)
        for path, text in (*expressions.problems, *problems_of_records(compiled))
    ]
    scope, looked_at = scope_of(compiled), list[Problem]()
    for file in root.files():
        states = documents[id(file)].states
        decided = compiled_decisions(decisions_of(states), scope)
        found = [*decided.problems, *deciding_problems(states, compiled.setters)]
        wrong += file.modern.in_file([Problem(path, text, file.name) for path, text in found])
        looked_at += [Problem(path, text, file.name) for path, text in decided.warnings]
    if wrong:
        raise SpecError(wrong)
    named = [Problem(path, text, root.name) for path, text in expressions.warnings]
    return [*looked_at, *named]


def _documents(root: ProcessFile, *, incomplete: bool) -> tuple[Documents, list[Problem]]:
    """Return the model of each file, as far as there is one, and the problems of all.

    With `incomplete` there are more files, which could not be read.
    """
    documents: Documents = {}
    problems: list[Problem] = []
    lists = _lists(root.files())
    setters = _setters(root.files(), lists)
    for file in root.files():
        form, rules = (ProcessDocument, PROCESS) if file is root else (ChildDocument, CHILD)
        found = [
            *reference_problems(file.words, rules, setters, incomplete=incomplete),
            *unknown_lists(file.words, lists),
        ]
        of_file = [Problem(path, text, file.name) for path, text in found]
        try:
            documents[id(file)] = form.model_validate(file.words)
        except ValidationError as error:
            of_file += problems_of(error, file.name)
        problems += file.modern.in_file(in_document_order(of_file, file.words))
    return documents, problems


def _lists(files: Sequence[ProcessFile]) -> dict[str, Any]:
    """Return the raw literal values of all files."""
    lists: dict[str, Any] = {}
    for file in files:
        for key in ("variable_defaults", "constants"):
            values = value_at(file.words, key)
            lists |= values if isinstance(values, dict) else {}
    return lists


def _setters(files: Sequence[ProcessFile], lists: Mapping[str, Any]) -> Setters:
    """Return the raw setters of variables in all files: they have one namespace."""
    setters: Setters = {}
    for file in files:
        for name, raw in setters_of(file.words).items():
            setters.setdefault(name, []).extend(raw)
        for _, state in objects_at(file.words, "states"):
            for item in raw_items(state, lists):
                for raw_field in item_as_raw(item):
                    if isinstance(raw_field.get("name"), str):
                        setters.setdefault(raw_field["name"], []).append(raw_field)
    return setters


def _graph(expansion: Expansion, document: ProcessDocument) -> state_graph.StateGraph:
    emitters = [placed.emitter for placed in expansion.emitters]
    states = [placed.state for placed in expansion.states]
    return document.graph_of(states, variables_by_emitter(emitters))


def _compiled(
    root: ProcessFile, document: ProcessDocument, expansion: Expansion
) -> ExpandedGenerator:
    placed = expansion.visited()
    states = [each.state for each in placed]
    arrivals = arrivals_of_starts(states)
    merged = merged_states(states, [each.start for each in arrivals])
    made = ExpandedGenerator.of(document, merged, arrivals)
    parts = {
        "emitters": [each.emitter for each in expansion.emitters],
        "root": root,
        "expansion": expansion,
        "placed": tuple(placed),
    }
    assert isinstance(made, ExpandedGenerator)
    return made.model_copy(update=parts)


def _states_of(file: ProcessFile, root: ProcessFile) -> Path:
    return ("states",) if file is root else (f"{file.name}: states",)

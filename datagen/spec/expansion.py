"""Puts a copy of the child in the place of each run of it: a process with children becomes one process.

The copies of one subprocess share the streams that their variables are drawn from, and so counters and
sets of values; those of another have their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from datagen.errors import Path, Problem, SpecError
from datagen.fields.base import Field
from datagen.spec.children import ProcessFile
from datagen.spec.constants import default_fields
from datagen.spec.emitter import Emitter
from datagen.spec.process import ProcessState
from datagen.spec.process_document import ProcessDocument
from datagen.spec.subprocesses import Entry, Item
from datagen.validation import did_you_mean, messages_of, quoted

MAX_STATES = 100_000
Documents = Mapping[int, ProcessDocument]  # by the id of their files


@dataclass(frozen=True)
class PlacedState:
    """A state of the whole: where it comes from, and the path of names of its streams.

    `run` is the name of the state that runs its file, "" for the first file.
    """

    state: ProcessState
    file: ProcessFile
    index: int
    streams: tuple[str, ...]
    run: str = ""


@dataclass(frozen=True)
class PlacedEmitter:
    """An emitter of the whole, whose name is its own, and where it comes from."""

    emitter: Emitter
    file: ProcessFile
    index: int


@dataclass(frozen=True)
class Expansion:
    """A process with all copies of its children: states by their names, and emitters."""

    states: list[PlacedState]
    emitters: list[PlacedEmitter]

    def visited(self) -> list[PlacedState]:
        """Return the states without those that a worker passes by."""
        by_name = {placed.state.name: placed for placed in self.states}
        passed = {name for name, placed in by_name.items() if placed.state.is_passed_by}

        def target(name: str) -> str:
            seen = set()
            while name in passed and name not in seen:
                seen.add(name)
                name = by_name[name].state.flows()[0].next
            return name

        circles = {name for name in passed if target(name) in passed}
        return [
            replace(placed, state=placed.state.renamed(str, target))
            for name, placed in by_name.items()
            if name not in passed or name in circles
        ]

    def in_files(self, problems: Iterator[tuple[Path, str]]) -> list[Problem]:
        """Return problems of the states of the whole as those of the files that they come from, each once."""
        names = {placed.state.name: index for index, placed in enumerate(self.states)}
        found = list(problems)
        reported = {path[1] for path, _ in found if len(path) == 2}
        made = []
        for path, text in found:
            placed = self.states[int(path[1])] if len(path) > 1 else self.states[0]
            if len(path) == 2 and placed.run and names[placed.run] in reported:
                continue  # that its whole file is not reached says enough
            where: Path = ("states", placed.index, *path[2:]) if len(path) > 1 else path
            made += placed.file.modern.in_file([Problem(where, text, placed.file.name)])
        return list({(each.file, each.path, each.text): each for each in made}.values())


def expanded(root: ProcessFile, documents: Documents) -> Expansion:
    """Return a process with copies of its children. Raises SpecError."""
    expander = _Expander(documents)
    if (count := expander.count(root, {})) > MAX_STATES:
        text = f"it has {count:,} states with all copies of its children; at most {MAX_STATES:,} are possible"
        raise SpecError([Problem(("states",), text, root.name)])
    expander.place_file(root, _Run())
    expander.check_names(root)
    if expander.problems:
        raise SpecError(list(dict.fromkeys(expander.problems)))
    return Expansion(expander.states, expander.emitters)


@dataclass(frozen=True)
class _Run:
    """One run of a file: the prefix of its names, the path of its streams, and what it inherits.

    `returns` is the state to go on with at its end. `emitters` are the names of the whole by those of
    the files, `lists` literal values by name, `set_before` the variables that items and states of the
    files around it may have set.
    """

    name: str = ""
    prefix: str = ""
    streams: tuple[str, ...] = ()
    returns: str | None = None
    emitters: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    set_before: frozenset[str] = frozenset()

    def full_name(self, name: str) -> str:
        """Return the name in the whole of a state of the file."""
        return self.prefix + name


class _Expander:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._counts: dict[int, int] = {}
        self._defaults: dict[int, Sequence[Field]] = {}
        self._emitters: dict[tuple[str, ...], Mapping[str, str]] = {}
        self._set_before: dict[tuple[int, int], frozenset[str]] = {}
        self.states: list[PlacedState] = []
        self.emitters: list[PlacedEmitter] = []
        self.problems: list[Problem] = []

    def count(self, file: ProcessFile, lists: Mapping[str, Any]) -> int:
        """Return how many states a file has with all copies of its children."""
        if id(file) not in self._counts:
            document = self._documents[id(file)]
            lists = {**lists, **_lists(document)}
            total = len(document.states)
            for index, child in file.children.items():
                runs = self._items(file, index, lists)
                copies = 1 if runs is None else max(len(runs), 1)
                total += copies * (self.count(child, lists) + 1)
            self._counts[id(file)] = total
        return self._counts[id(file)]

    def place_file(self, file: ProcessFile, run: _Run) -> None:
        """Add the states of one run of a file, and its emitters if they are not there yet."""
        document = self._documents[id(file)]
        emitters = self._known_emitters(file, run)
        run = replace(run, lists={**run.lists, **_lists(document)}, emitters=emitters)
        for index, state in enumerate(document.states):
            if index in file.children:
                self._place_subprocess(file, index, run)
            elif state.begins_child and (run.returns is not None or not state.starts_worker):
                pass  # of a run it is placed with the run's own variables
            elif run.returns is not None and state.ends_worker:
                self._add(Entry(name=run.prefix + state.name, next=run.returns), file, index, run)
            else:
                self._place_copy(file, index, run)

    def check_names(self, root: ProcessFile) -> None:
        """Report names that a copy and another state have, or an emitter of a child and another."""
        first: dict[tuple[str, str], tuple[str, int, ProcessFile]] = {}
        named = [("states", each.state.name, each.index, each.file) for each in self.states]
        named += [("emitters", each.emitter.name, each.index, each.file) for each in self.emitters]
        for key, name, index, file in sorted(named, key=lambda each: each[-1] is not root):
            other = first.setdefault((key, name), (key, index, file))
            if other != (key, index, file):
                text = f"{quoted(name)} is a name that a copy of a child needs: choose another"
                self._report(other[2], (key, other[1], "name"), text)

    def _place_copy(self, file: ProcessFile, index: int, run: _Run) -> None:
        state = self._documents[id(file)].states[index]
        moved, emitters = state.renamed(run.full_name, run.full_name), state.emits()
        for emitter in emitters:
            if emitter not in run.emitters:
                hint = did_you_mean(emitter, run.emitters)
                text = (
                    f"no emitter {quoted(emitter)} here, nor in the files that run this one{hint}"
                )
                self._report(file, ("states", index, "emitter"), text)
        if emitters:
            full = tuple(run.emitters.get(each, each) for each in emitters)
            moved = moved.model_copy(update={"emitter": full})
        self._add(moved, file, index, run)

    def _place_subprocess(self, file: ProcessFile, index: int, run: _Run) -> None:
        """Add a state that runs a child: a way in, then each run of it."""
        child, state = file.children[index], self._documents[id(file)].states[index]
        name, after = run.prefix + state.name, run.prefix + state.flows()[0].next
        streams, start = (*run.streams, "states", state.name), self._start_of(child)
        items = self._items(file, index, run.lists)
        names = [name] if items is None else [f"{name}[{place}]" for place in range(len(items))]
        ways_in = [f"{name}.{start.name}"] if items is None else [*names, after]
        self._add(Entry(name=name, next=ways_in[0]), file, index, run)
        before = run.set_before | self._names_set_before(file, index, run.lists)
        for place, each in enumerate(names):
            item: Item = () if items is None else items[place]
            if items is not None:
                entry = Entry(name=each, variables=item, next=f"{each}.{start.name}")
                self._add(entry, file, index, run, (*streams, "items", str(place)))
            inner = replace(
                run, name=name, prefix=f"{each}.", streams=streams,
                returns=after if items is None else ways_in[place + 1],
                set_before=before | {str(variable.name) for variable in item},
            )  # fmt: skip
            self._place_start(child, inner)
            self.place_file(child, inner)

    def _place_start(self, file: ProcessFile, run: _Run) -> None:
        """Add where a run of a child begins: its variables, but those that are set already."""
        document, start = self._documents[id(file)], self._start_of(file)
        if id(file) not in self._defaults:
            self._defaults[id(file)] = default_fields(document)
        drawn = [each for each in start.at_start() if str(each.name) not in run.set_before]
        entry = Entry(
            name=run.full_name(start.name), next=run.full_name(start.flows()[0].next),
            variables=drawn, defaults=self._defaults[id(file)],
        )  # fmt: skip
        self._add(entry, file, document.states.index(start), run)

    def _start_of(self, file: ProcessFile) -> ProcessState:
        """Return where a child begins: at its message, or, of an older one, its timer."""
        starts = [each for each in self._documents[id(file)].states if each.begins_child]
        return min(starts, key=lambda start: start.starts_worker)

    def _known_emitters(self, file: ProcessFile, run: _Run) -> Mapping[str, str]:
        """Return the full names of the emitters that a file may use; its own are added once for all copies."""
        if run.streams not in self._emitters:
            known = dict(run.emitters)
            for index, emitter in enumerate(self._documents[id(file)].emitters):
                known[emitter.name] = ".".join((*run.streams[1::2], emitter.name))
                own = emitter.model_copy(update={"name": known[emitter.name]})
                self.emitters.append(PlacedEmitter(own, file, index))
            self._emitters[run.streams] = known
        return self._emitters[run.streams]

    def _names_set_before(
        self, file: ProcessFile, index: int, lists: Mapping[str, Any]
    ) -> frozenset[str]:
        """Return the variables that states of a file may have set before one of them is entered."""
        if (id(file), index) not in self._set_before:
            states = self._documents[id(file)].states
            leads_to: dict[str, list[int]] = {}
            for number, state in enumerate(states):
                for flow in state.flows():
                    leads_to.setdefault(flow.next, []).append(number)
            earlier: set[int] = set()
            pending = [index]
            while pending:
                new = set(leads_to.get(states[pending.pop()].name, ())) - earlier
                earlier |= new
                pending += new
            names = {name for each in earlier for name in self._names_set(file, each, lists)}
            self._set_before[id(file), index] = frozenset(names)
        return self._set_before[id(file), index]

    def _names_set(self, file: ProcessFile, index: int, lists: Mapping[str, Any]) -> Iterator[str]:
        """Yield the variables that a state sets itself."""
        state = self._documents[id(file)].states[index]
        items = self._items(file, index, lists) if state.has_child else None
        for fields in (
            state.at_start(),
            *(part.variables for part in state.parts()),
            *(items or ()),
        ):
            yield from (str(each.name) for each in fields)

    def _items(
        self, file: ProcessFile, index: int, lists: Mapping[str, Any]
    ) -> Sequence[Item] | None:
        """Return the items of a state, or None; what is wrong with a list that it names is reported."""
        try:
            return self._documents[id(file)].states[index].items(lists)
        except ValidationError as error:
            for path, text in messages_of(error):
                self._report(file, ("states", index, *path), text)
            return []

    def _report(self, file: ProcessFile, path: Path, text: str) -> None:
        self.problems += file.modern.in_file([Problem(path, text, file.name)])

    def _add(
        self,
        state: ProcessState,
        file: ProcessFile,
        index: int,
        run: _Run,
        streams: tuple[str, ...] | None = None,
    ) -> None:
        own = (*run.streams, "states", self._documents[id(file)].states[index].name)
        self.states.append(PlacedState(state, file, index, streams or own, run.name))


def _lists(document: ProcessDocument) -> dict[str, Any]:
    """Return the literal values of a document, by their names."""
    return {**document.variable_defaults, **document.constants}

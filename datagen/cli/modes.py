"""What is shown in place of a run: each mode turns a plan into text for stdout."""

import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from datagen.cli.console import Console
from datagen.cli.watching import Attempt, watch
from datagen.errors import DatagenError, Problem
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.input_files import noting_files
from datagen.inspection.display import Display
from datagen.inspection.drawings import DRAWINGS
from datagen.inspection.dry_run import making_time
from datagen.inspection.explained_page import page_of
from datagen.inspection.explained_text import making_line
from datagen.inspection.explaining import described
from datagen.inspection.forms import FORMS
from datagen.inspection.observing import Observation
from datagen.inspection.page_file import PAGE_ENDING, write_page
from datagen.inspection.run_stats import run_statistics
from datagen.inspection.sample_text import sample_lines
from datagen.inspection.sampling import PATIENCE, sample
from datagen.inspection.stats_text import stats_lines
from datagen.lookup import find_file
from datagen.one_line import counted, escaped
from datagen.running.clock import Moment
from datagen.running.description import repeating_flags
from datagen.running.loading import load
from datagen.running.loading_budget import LoadingBudget
from datagen.running.options import Request
from datagen.running.outcome import outcome_of
from datagen.running.plan import Plan, Start
from datagen.running.rate import rated
from datagen.targets.stdout import StdoutTarget

_PATIENCE_IN_BETWEEN = 0.5  # seconds to wait for rare emitters after a file was saved
_CLEAR = "\033[H\033[2J"


@dataclass(frozen=True)
class View:
    """All that a mode gets: what was asked for, the plan of it, when it starts, and what its text is shown on.

    `step` limits what takes long to prepare, where the specification is a stranger's; `asides` take lines for stderr.
    """

    request: Request
    plan: Plan
    start: Start
    display: Display
    step: Callable[[], AbstractContextManager[None]] = nullcontext
    asides: list[str] = field(default_factory=list)

    def observation(self) -> Observation:
        """Return the run to look at. Raises SpecError, LoadingLimitError."""
        with self.step():
            return Observation(self.plan)


Mode = Callable[[View], Iterable[str]]


def _sampled(view: View) -> Iterable[str]:
    """Yield the lines of --sample. Raises RunError, SpecError."""
    patience = _PATIENCE_IN_BETWEEN if view.request.watch else PATIENCE
    found = sample(view.observation(), view.start, view.request.sample or 1, patience)
    return sample_lines(found, view.display)


def _counted(view: View) -> Iterable[str]:
    """Yield the lines of --stats. Raises RunError, SpecError."""
    found = run_statistics(view.observation(), view.start)
    return stats_lines(found, view.display)


def _explained(view: View) -> Iterable[str]:
    """Yield the lines of --explain. Raises OperationError, RunError, SpecError, UsageError."""
    form = view.request.explain or "text"
    if form in DRAWINGS:
        return DRAWINGS[form](view.plan)
    with view.step():
        found = described(view.plan, view.start)
        if form.endswith(PAGE_ENDING):
            write_page(form, page_of(view.plan, view.start, found), "--explain")
            return ()
        if form == "text" and not view.request.quiet and not view.request.watch:
            view.asides.extend(_time_here(view.plan, view.start, found.run.records))
    return FORMS[form](found, view.display)


def _time_here(plan: Plan, start: Start, records: float) -> Iterator[str]:
    """Yield how long a simulated run of so many records takes, if it has an end."""
    if plan.real_clock or not math.isfinite(records):
        return
    found = making_time(plan, start, records)
    yield making_line(found.braked(records / (plan.max_rate or math.inf)))


MODES: Mapping[str, Mode] = {
    "sample": _sampled,
    "stats": _counted,
    "explain": _explained,
}  # by the name of the request's option


def run_mode(
    request: Request, seed: int, stdin: BinaryIO, stdout: BinaryIO, console: Console
) -> None:
    """Write the text of the mode of a request to stdout, with --watch after each change of a file.

    Raises DatagenError.
    """
    making = _Making(request, seed, stdin, display_of(stdout), console)
    if request.watch:
        watch(making.attempt, WatchScreen(stdout, making.display, console, seed))
        return
    text, warnings, said = making.text()
    for each in warnings:
        console.warn(each)
    if not request.quiet:
        console.print(*said)
    _write(making.display.encoded(text), stdout)


def display_of(stdout: BinaryIO) -> Display:
    """Return what stdout is: a terminal has a width, and colours unless NO_COLOR is set."""
    own = sys.stdout is not None and getattr(sys.stdout, "buffer", None) is stdout
    encoding = sys.stdout.encoding if own else "utf-8"
    if not stdout.isatty():
        return Display(encoding=encoding)
    color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    try:
        width = os.get_terminal_size(stdout.fileno()).columns or None
    except OSError:
        width = None
    return Display(width, color, encoding)


class WatchScreen:
    """Shows the text of a mode: a terminal has the latest alone, anything else one after the other."""

    def __init__(self, stdout: BinaryIO, display: Display, console: Console, seed: int) -> None:
        self._stdout, self._display, self._console, self._seed = stdout, display, console, seed
        self._terminal = stdout.isatty()
        self._shown = ""

    def show(self, text: str, problems: Iterable[str], files: int) -> None:
        """Show a text, below it problems that are newer: a terminal has them in place, else they go to stderr."""
        display = self._display
        if not self._terminal:
            if text != self._shown:
                _write(display.encoded(f"\n{text}" if self._shown else text), self._stdout)
            self._shown = text
            self._console.print(*problems)
            return
        styled = "".join(f"{display.styled(escaped(each), 'alarm')}\n" for each in problems)
        footer = f"watching {counted(files, 'file')} with --seed {self._seed}; Ctrl-C ends"
        shown = f"{_CLEAR}{text}\n{styled}{display.styled(footer, 'faint')}\n"
        _write(display.encoded(shown), self._stdout)


class _Making:
    """Loads the files of a request and makes the text of a mode from them, always with one seed and one present."""

    def __init__(
        self, request: Request, seed: int, stdin: BinaryIO, display: Display, console: Console
    ) -> None:
        self.display = display
        self._mode, self._request, self._seed = MODES[request.mode or ""], request, seed
        self._stdin, self._console, self._moment = stdin, console, Moment.present()
        self._sources: tuple[str, ...] = ()

    def text(self) -> tuple[str, list[Problem], list[str]]:
        """Return the text, the warnings, and lines for stderr: the flags that repeat it come last. Raises DatagenError."""
        request = self._request
        step = LoadingBudget().step if request.untrusted else nullcontext
        with step():
            plan, warnings = load(request, self._seed, self._stdin, now=self._moment.time)
            plan = rated(plan)
        self._console.redact, self._sources = plan.redaction, plan.spec.source_files
        start = plan.start_at(self._moment)
        view = View(request, plan, start, self.display, step)
        lines = self._mode(view)
        text = "".join(f"{line}\n" for line in lines)
        shown = [each for each in warnings if not each.minor]
        return text, shown, [*view.asides, f"repeat with: {repeating_flags(request, plan, start)}"]

    def attempt(self) -> Attempt:
        """Return the text, or what is wrong, and the files that this hangs on."""
        config = self._request.config or ""
        with noting_files() as files:
            try:
                text, warnings, _ = self.text()
                problems = [f"warning: {each}" for each in warnings]
            except DatagenError as error:
                text, problems = None, [*outcome_of(error).lines]
        problems = [*map(self._console.redact, problems)]  # as it is once the target is known
        named = (str(find_file(config, "gen") or config), *files, *self._sources)
        return Attempt(text, tuple(problems), tuple(dict.fromkeys(named)))


def _write(data: bytes, stdout: BinaryIO) -> None:
    """Write to stdout. Raises TargetError, ReaderGoneError."""
    if data:
        with StdoutTarget().open(stdout) as sink:
            sink.write(Rendered((RecordBytes(memoryview(data), np.array([len(data)])),)))

"""The functions of `datagen`: what the command does, for programs. Nothing goes to stderr, and no signal is handled."""

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Any, BinaryIO, cast

from datagen.api.arguments import Document, Length, Settings, When, asked, is_stream
from datagen.api.delivering import delivered
from datagen.api.events import Events, events_of
from datagen.api.explaining import Explained, explanation_of
from datagen.api.reporting import reported
from datagen.errors import Problem
from datagen.part import Part
from datagen.running.cap_warning import run_warnings
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.pipeline import Run
from datagen.running.resume import resume_or_start


def generate(
    spec: Document,
    *,
    settings: Settings | None = None,
    records: int | None = None,
    duration: Length | None = None,
    until: When | None = None,
    bytes: int | str | None = None,  # noqa: A002 - the name of the flag
    seed: int | None = None,
    start: When | None = None,
    timezone: str | None = None,
    max_workers: int | str | None = None,
    rate: str | None = None,
    part: Part | str | None = None,
    schedule: Document | None = None,
    disorder: Document | Sequence[Mapping[str, Any]] | None = None,
    warm_up: Length | None = None,
    memory: int | str | None = None,
    untrusted: bool | None = None,
) -> Events:
    """Return the records of a specification, which are made whenever they are iterated over.

    `spec` is a path, a bare name such as "clickstream", or a dict; `settings` are values of it to change, as `--set`
    does: {"users": 4000, "states.pay.delay.mean": 2}. The other arguments mean what the flags of the same
    names mean; `records`, `duration`, `until` and `bytes` exclude each other, and without any of them there is no end.
    Without a `seed` one is drawn, without a `start` it is the present. `schedule` and `disorder` are files, dicts
    and lists, or "none". `rate` is what records come to on average: "5000/s", "40GB/D". With `untrusted` a
    specification from a stranger may read no files and no environment.

        >>> events = datagen.generate("clickstream", records=1000, seed=1, start="2027-03-12")
        >>> for record in events: ...
        >>> events.to_pandas()

    Raises datagen.Error with all problems.
    """
    given = {**locals()}
    with reported():
        return events_of(asked(given.pop("spec"), given))


def entities(
    spec: Document,
    name: str,
    *,
    settings: Settings | None = None,
    records: int | None = None,
    duration: Length | None = None,
    until: When | None = None,
    seed: int | None = None,
    start: When | None = None,
    timezone: str | None = None,
    part: Part | str | None = None,
    memory: int | str | None = None,
    untrusted: bool | None = None,
) -> Events:
    """Return the members of a pool of entities, each a record.

    They are those at the start, or with `duration` or `until` those born before the end, or `records` of them. They
    are the ones that `generate` refers to with the same seed and start.

        >>> users = datagen.entities("shop", "users", seed=1, start="2027-03-12").to_polars()

    Raises datagen.Error with all problems.
    """
    given = {**locals()}
    given["entities"] = given.pop("name")
    with reported():
        return events_of(asked(given.pop("spec"), given))


def explain(
    spec: Document,
    *,
    settings: Settings | None = None,
    target: Document | None = None,
    records: int | None = None,
    duration: Length | None = None,
    until: When | None = None,
    bytes: int | str | None = None,  # noqa: A002 - the name of the flag
    seed: int | None = None,
    start: When | None = None,
    timezone: str | None = None,
    max_workers: int | str | None = None,
    rate: str | None = None,
    part: Part | str | None = None,
    schedule: Document | None = None,
    disorder: Document | Sequence[Mapping[str, Any]] | None = None,
    memory: int | str | None = None,
    untrusted: bool | None = None,
) -> Explained:
    """Return what a specification and a run of it will make, before anything is made: the figures of `--explain`.

        >>> explained = datagen.explain("clickstream", duration="1H", start="2027-03-12")
        >>> explained.figures.run.records  # about so many
        >>> print(explained)

    Raises datagen.Error with all problems.
    """
    given = {**locals()}
    with reported():
        return explanation_of(asked(given.pop("spec"), given))


def validate(
    spec: Document,
    *,
    settings: Settings | None = None,
    target: Document | None = None,
    records: int | None = None,
    duration: Length | None = None,
    bytes: int | str | None = None,  # noqa: A002 - the name of the flag
    start: When | None = None,
    max_workers: int | str | None = None,
    rate: str | None = None,
    schedule: Document | None = None,
    disorder: Document | Sequence[Mapping[str, Any]] | None = None,
    memory: int | str | None = None,
    untrusted: bool | None = None,
) -> tuple[Problem, ...]:
    """Check a specification and all that it names, and return the warnings: objects with `file`, `path` and `text`.

    With `max_workers`, `records` or `duration` there may be one of arrivals that would have to wait.

        >>> datagen.validate("my_spec.json")
        ()

    Raises datagen.Error with all problems.
    """
    given = {**locals(), "validate": True}
    with reported():
        wanted = asked(given.pop("spec"), given, live=True)
        request = wanted.request
        plan, warnings = load(request, now=wanted.now, from_program=wanted.from_program)
        with resume_or_start(request, plan, (), lambda _: None, wanted.now) as resumed:
            run = Run(resumed)
        found = [each for each in warnings if not each.minor]
        if wanted.limited or max_workers is not None:
            texts = run_warnings(run.plan, run.plan.start_at(Moment.present()), run.source)
            found += [Problem((), text, plan.file) for text in texts]
        return tuple(found)


def run(
    spec: Document,
    target: Document | BinaryIO | None = None,
    *,
    settings: Settings | None = None,
    records: int | None = None,
    duration: Length | None = None,
    until: When | None = None,
    bytes: int | str | None = None,  # noqa: A002 - the name of the flag
    seed: int | None = None,
    start: When | None = None,
    timezone: str | None = None,
    max_workers: int | str | None = None,
    rate: str | None = None,
    part: Part | str | None = None,
    schedule: Document | None = None,
    disorder: Document | Sequence[Mapping[str, Any]] | None = None,
    truth: Document | None = None,
    format: str | None = None,  # noqa: A002 - the name of the flag
    template: str | None = None,
    warm_up: Length | None = None,
    then_live: bool | None = None,
    speed: float | None = None,
    max_rate: float | str | None = None,
    resume: str | None = None,
    resume_anyway: bool | None = None,
    checkpoint_every: Length | None = None,
    catch_up: str | None = None,
    memory: int | str | None = None,
    untrusted: bool | None = None,
    jobs: int | str | None = None,
    stop: Event | None = None,
    on_warning: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Generate records and deliver them to a target, as the command does, and return what `--summary` writes.

    `target` is a file of one, a dict, or a binary file that gets what the command writes to stdout. Without one it is
    that of the specification, or stdout. `format` is "csv", "tsv" or the file of a pattern. Without a `start` the
    run is on the real clock; once `stop` is set, it ends in order. `on_warning` gets a sentence for each warning.

        >>> summary = datagen.run("clickstream", target="files.json", duration="1H", start="2027-03-12")
        >>> summary["delivered"]

    Raises datagen.Error with all problems.
    """
    given = {**locals()}
    given["renderers"] = given.pop("jobs")
    if is_stream(target):
        given["target"] = {"type": "stdout"}
    stdout = cast("BinaryIO", target) if is_stream(target) else None
    aside = [given.pop(name) for name in ("stop", "on_warning")]
    with reported():
        return delivered(asked(given.pop("spec"), given, live=True), stdout, *aside)

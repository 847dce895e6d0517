"""What a user asks of a run, by a command line or as a program. Imports nothing heavy."""

from dataclasses import dataclass

from datagen.part import WHOLE, Part

DEFAULT_MEMORY = 1_000_000_000
DEFAULT_MAX_WORKERS = 100
NO_LIMIT = "none"  # as a number of workers
NO_DISORDER = "none"  # as the file of effects
MODES = (
    "sample",
    "stats",
    "explain",
)  # what a request may ask for in place of a run, in `cli/modes.py`


@dataclass(frozen=True)
class Request:
    """What a user asks for. All has a default: `Request(config="clickstream")` is a request.

    Without a `config` the specification is read from stdin; without a `start` the run is on the real
    clock. Names of files are paths or bare names. `start` and `until` are ISO 8601 texts, or `now`, `today`
    or `yesterday`, with a duration or without: `now-90D`. `timezone` is the name of a time zone.
    """

    config: str | None = None
    settings: tuple[
        str, ...
    ] = ()  # values of the specification to change: "states.pay.delay.mean=2"
    target: str | None = None
    format: str | None = None  # the file of a pattern
    kind: str | None = None  # csv, tsv or arrow
    template: str | None = None  # the name of one in the specification
    unknown_target: str | None = None  # no target: the name of a template, or of nothing
    schedule: str | None = None  # or "none": that of the specification is switched off
    start: str | None = None
    timezone: str | None = None
    max_workers: int | str | None = None  # or "none": any number
    records: int | None = None
    rate: str | None = None  # such as 5000/s, 40GB/D or 200 workers
    bytes: int | None = None  # of records, before compression
    duration: int | None = None  # microseconds
    max_rate: float | None = None  # records a second that are delivered at most
    then_live: bool = False
    speed: float = 1.0
    seed: int | None = None
    validate: bool = False
    avro_schema: bool = False
    ddl: str | None = None  # the database whose statements are printed
    json_schema: str | None = None  # the kind of file whose schema is printed
    presets: bool = False
    completion: str | None = None  # the shell whose completion is printed
    sample: int | None = None  # records of each emitter to show, in place of a run
    stats: int | None = None  # records whose statistics to show, in place of a run
    explain: str | None = None  # the form in which to say what a run will make, in its place
    watch: bool = False  # show it again after each change of a file
    quiet: bool = False
    verbose: bool = False
    progress: bool | None = None
    summary: str | None = None
    metrics: tuple[str, int] | None = None
    resume: str | None = None
    resume_anyway: bool = False
    checkpoint_every: float = 10.0  # seconds
    catch_up: str = "history"  # or "skip"
    warm_up: int = 0  # microseconds
    until: str | None = None
    memory: int = DEFAULT_MEMORY  # bytes, for tables and sets of values
    untrusted: bool = False
    entities: str | None = None  # the pool whose members are written, in place of events
    part: Part = WHOLE  # of the stream, the one to make
    disorder: str | None = (
        None  # the file of a list of effects, or "none": those of the specification are switched off
    )
    truth: str | None = None  # a path, or the name of a target
    report: str | None = None  # an .html or .json file
    check: tuple[str, ...] = ()  # files of records that the report is of, in place of a run
    renderers: int = 1  # processes that make text; 1: this one

    @property
    def mode(self) -> str | None:
        """Return which of MODES is asked for."""
        return next((name for name in MODES if getattr(self, name) is not None), None)

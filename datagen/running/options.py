"""What a user asks of a run, whoever asks: a command line or a program. Imports nothing heavy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What a user asks for, in today's words."""

    config: str | None
    target: str | None
    format: str | None  # the file of a pattern
    kind: str | None  # csv or tsv
    template: str | None  # the name of one in the specification
    schedule: str | None
    start: str | None
    max_workers: int | None
    records: int | None
    duration: int | None  # microseconds
    then_live: bool
    speed: float
    seed: int | None
    validate: bool
    avro_schema: bool
    quiet: bool
    verbose: bool
    progress: bool | None
    summary: str | None
    metrics: tuple[str, int] | None
    resume: str | None
    resume_anyway: bool
    checkpoint_every: float  # seconds
    catch_up: str
    warm_up: int  # microseconds
    until: str | None

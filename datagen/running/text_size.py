"""Says whether a run may be limited by the bytes of its records, before compression: those of the first target's text."""

from datagen.errors import UsageError
from datagen.formats.encoding import Output
from datagen.running.plan import Plan


def check_limit(plan: Plan) -> None:
    """Refuse a limit of bytes where records have no text that can be measured. Raises UsageError."""
    if plan.max_bytes is None:
        return
    measured = plan.measured
    if Output.LINES not in measured.outputs:
        raise UsageError(
            f"--bytes: records in the format {measured.type} have no size before their file is written; use -n or -r"
        )
    if measured not in plan.formats and measured.numbers_events(plan.spec):
        raise UsageError(
            f"--bytes: in the format {measured.type} records show the numbers of their events, which are not counted here; use -n or -r"
        )

"""Says what the bytes of a run's records are, before compression: those of the first target's text."""

from datagen.errors import UsageError
from datagen.formats.rendered import Output
from datagen.running.plan import Plan


def check_limit(plan: Plan) -> None:
    """Refuse a limit of bytes where records have no text that can be measured. Raises UsageError."""
    first = plan.formats[0]
    if plan.max_bytes is not None and Output.LINES not in first.outputs:
        raise UsageError(
            f"--bytes: records in the format {first.type} have no size before their file is written; use -n or -r"
        )

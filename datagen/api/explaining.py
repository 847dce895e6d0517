"""What is known of a specification, and of a run of it, before it is made."""

import json
from typing import Any

from datagen.api.arguments import Asked
from datagen.errors import UsageError
from datagen.inspection.display import Display
from datagen.inspection.explaining import explained
from datagen.inspection.explanation import Explanation
from datagen.inspection.forms import FORMS
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.rate import rated
from datagen.validation import did_you_mean, quoted


class Explained:
    """The figures of `--explain`: `figures` has them as attributes, `to_dict()` as JSON has them; `str()` is the text.

    >>> explained = datagen.explain("clickstream", duration="1H")
    >>> explained.figures.rate.mean  # records a second
    >>> print(explained)
    """

    def __init__(self, figures: Explanation) -> None:
        self.figures = figures

    def shown(self, form: str = "text") -> str:
        """Return them in a form that `--explain` knows. Raises ValueError for another one."""
        if form not in FORMS:
            raise ValueError(f"no form {quoted(form)}{did_you_mean(form, FORMS)}")
        return "".join(f"{line}\n" for line in FORMS[form](self.figures, Display()))

    def to_dict(self) -> dict[str, Any]:
        """Return them as `--explain json` has them; what is infinite or not known is None."""
        found: dict[str, Any] = json.loads(self.shown("json"))
        return found

    def __str__(self) -> str:
        return self.shown()


def explanation_of(asked: Asked) -> Explained:
    """Return what is known of what is asked for. Raises SpecError, RunError, UsageError."""
    plan, _ = load(asked.request, now=asked.now, from_program=asked.from_program)
    if not plan.spec.has_workers:
        raise UsageError("a replay has no model to explain")
    plan = rated(plan)
    return Explained(explained(plan, plan.start_at(Moment(asked.now, Moment.present().monotonic))))

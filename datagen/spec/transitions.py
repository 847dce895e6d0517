"""Turns what may come after a state into checked transitions: how likely each is, and on which condition."""

from typing import Annotated, Any

from pydantic import PlainValidator

from datagen.language import Expression, parse_expression
from datagen.validation import Model, PositiveProbability, Problems, objects_at

ELSE = "else"  # the condition that is true where no other of the state is
MAX_CONDITIONS = 60  # of a state


def _parse_when(data: Any) -> Expression | str:
    return ELSE if data == ELSE else parse_expression(data)


When = Annotated[Any, PlainValidator(_parse_when)]


class Transition(Model):
    """A state, or `stop`, that may come next; with `when`, only where that is true.

    Of those that may, each is as likely as its share of their probabilities.
    """

    next: str
    probability: PositiveProbability = 1
    when: When = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Problems:
        if not {"probability", "when"} & keys.keys():
            yield ("probability",), "missing"

    @property
    def condition(self) -> Expression | None:
        """Return the expression of `when`, if it is one."""
        return self.when if isinstance(self.when, Expression) else None


def condition_problems(path: tuple[str | int, ...], state: Any) -> Problems:
    """Yield that a raw state at a path has too many conditions to look at."""
    conditions = sum("when" in each for _, each in objects_at(state, "transitions"))
    if conditions > MAX_CONDITIONS:
        text = f"{conditions} conditions; at most {MAX_CONDITIONS} are possible"
        yield (*path, "transitions"), text


def open_choices(raw: Any) -> Problems:
    """Yield the states of raw JSON after which it may be that nothing can be taken: warnings."""
    for path, state in objects_at(raw, "states"):
        whens = [each.get("when", ELSE) for _, each in objects_at(state, "transitions")]
        if whens and ELSE not in whens:
            text = (
                'where no "when" is true nothing can be taken, and the run ends; '
                'add a transition with "when": "else"'
            )
            yield (*path, "transitions"), text

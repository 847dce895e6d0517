"""The kinds of values in expressions, in plain words: what meets what, and what becomes of it there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

# "int", "float", "bool", "text", "instant", "mixed", "null", ("list", kind) or ("object", {name: kind})
Kind = Any
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FaultError(Exception):
    """There is no value."""


@dataclass(frozen=True, order=True)
class Moment:
    """An instant: microseconds since 1970."""

    micros: int


def meet(*kinds: Kind) -> Kind:
    """Return the kind of a place where values of several kinds meet."""
    different = [
        each for place, each in enumerate(kinds) if each != "null" and each not in kinds[:place]
    ]
    if not different:
        return "null"
    if len(different) == 1:
        return different[0]
    if all(each in ("int", "float") for each in different):
        return "float"
    if all(each[0] == "list" for each in different):
        return "list", meet(*(each[1] for each in different))
    if all(each[0] == "object" for each in different):
        names = dict.fromkeys(name for each in different for name in each[1])
        return "object", {
            name: meet(*(each[1].get(name, "null") for each in different)) for name in names
        }
    return "mixed"


def still(kind: Kind) -> Kind:
    """Return a kind with texts in place of instants."""
    match kind:
        case "instant":
            return "text"
        case ("list", inner):
            return "list", still(inner)
        case ("object", members):
            return "object", {name: still(each) for name, each in members.items()}
    return kind


def united(*kinds: Kind) -> Kind:
    """Return what `meet` does; where that is mixed, instants are texts."""
    found = meet(*kinds)
    return (
        meet(*map(still, kinds))
        if "mixed" in str(found) and found != meet(*map(still, kinds))
        else found
    )


def as_kind(value: Any, source: Kind, target: Kind) -> Any:
    """Return a value as one of the kind of the place that it comes to."""
    if value is None:
        return None
    if isinstance(value, Moment) and target != "instant":
        return moment_text(value)
    if target == "float" and isinstance(value, int):
        return float(value)
    if isinstance(value, list):
        inner = source[1] if source[0] == "list" else "mixed"
        place = target[1] if target[0] == "list" else still(inner)
        return [as_kind(each, inner, place) for each in value]
    if isinstance(value, dict):
        inner = source[1] if source[0] == "object" else {}
        place = (
            target[1]
            if target[0] == "object"
            else {name: still(each) for name, each in inner.items()}
        )
        return {
            name: as_kind(each, inner.get(name, "mixed"), place.get(name, "mixed"))
            for name, each in value.items()
        }
    return value


def moment_text(moment: Moment) -> str:
    """Return an instant as JSON has it, in UTC without an offset."""
    local = EPOCH + timedelta(microseconds=moment.micros)
    return local.replace(tzinfo=None).isoformat(timespec="milliseconds")


def member_kind(kind: Kind, name: str) -> Kind:
    """Return the kind of a member of an object, or of the list of them."""
    if kind[0] == "list":
        return "list", member_kind(kind[1], name)
    if kind == "null":
        return kind
    return kind[1].get(name, "null") if kind[0] == "object" else "mixed"

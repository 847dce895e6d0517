"""The functions of expressions in plain Python, of values that are not null."""

import hashlib
import json
import math
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from datagen import elementary, trigonometry
from tests.support.plain_timeline import PlainPeriod
from tests.support.plain_values import EPOCH, FaultError, Kind, Moment, moment_text

MOST_CHARACTERS = 16_384
OUTAGE = {"at": "2027-01-15T07:30", "for": "1H", "ramp": "90D"}
PERIODS = {"outage": PlainPeriod(OUTAGE, 0)}
CLOCK = "when"  # the name whose instant functions of periods look at


def plain(value: Any) -> Any:
    """Return a value of JSON's."""
    if isinstance(value, Moment):
        return moment_text(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value + 0.0 if isinstance(value, float) else value


def json_of(value: Any) -> str:
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\x85\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def text_of(value: Any) -> str:
    return short(
        value
        if isinstance(value, str)
        else plain(value)
        if isinstance(value, Moment)
        else json_of(value)
    )


def short(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise FaultError
    return text


def scalar_text(value: Any) -> str:
    if isinstance(value, list | dict):
        raise FaultError
    return text_of(value)


def checked(value: Any) -> Any:
    """Return a number that fits in its type."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FaultError
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise FaultError
    return value


def number(value: Any) -> Any:
    if not isinstance(value, int | float):
        raise FaultError
    return int(value) if isinstance(value, bool) else value


def elementary_of(function: Callable[..., Any], *values: float) -> float:
    with np.errstate(all="ignore"):
        found = float(function(*(np.array([float(each)]) for each in values))[0])
    return float(checked(found))


def read_float(text: str) -> float:
    if len(text) > 400 or not re.fullmatch(
        r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text, re.ASCII
    ):
        raise FaultError
    return float(checked(float(text)))


def to_int(value: Any) -> int:
    if isinstance(value, str):
        whole = re.fullmatch(r"\s*[+-]?\d+\s*", value, re.ASCII) and len(value) <= 400
        value = int(value) if whole else read_float(value)
    return int(checked(int(number(value))))


def to_float(value: Any) -> float:
    return read_float(value) if isinstance(value, str) else float(checked(float(number(value))))


def whole(value: Any) -> int:
    if number(value) != int(value):
        raise FaultError
    return int(checked(int(value)))


def order(values: list[Any]) -> list[Any]:
    """Return values that have an order, all of them numbers, texts or instants."""
    kinds: Any
    for kinds in ((int, float), str, Moment):
        if all(isinstance(each, kinds) for each in values):
            return values
    raise FaultError


def moved(moment: Moment, seconds: float) -> Moment:
    micros = moment.micros + (
        seconds * 1_000_000 if isinstance(seconds, int) else round(checked(seconds * 1e6))
    )
    if not -62_135_596_800_000_000 <= micros < 253_402_300_800_000_000:
        raise FaultError
    return Moment(micros)


def local(moment: Moment) -> datetime:
    return EPOCH + timedelta(microseconds=moment.micros)


def total(values: list[Any], kind: Kind) -> Any:
    result: Any = 0 if kind in ("int", "bool", "null") else 0.0
    for each in values:
        if each is not None:
            result = result + number(each)
    return checked(result)


def average(values: list[Any], kind: Kind) -> float | None:
    found = [number(each) for each in values if each is not None]
    if not found:
        return None
    whole_numbers = all(isinstance(each, int) for each in found)
    return float(checked((sum(found) if whole_numbers else total(found, "float")) / len(found)))


def unique(values: list[Any]) -> list[Any]:
    seen: list[str] = []
    result = []
    for each in values:
        if json_of(each) not in seen:
            seen.append(json_of(each))
            result.append(each)
    return result


def luhn(digits: str) -> int:
    if not re.fullmatch("[0-9]+", digits):
        raise FaultError
    for check in range(10):
        places = [int(each) for each in reversed(digits + str(check))]
        doubled = [2 * each - 9 * (each > 4) for each in places[1::2]]
        if (sum(places[::2]) + sum(doubled)) % 10 == 0:
            return check
    raise AssertionError


def distance(*degrees: float) -> float:
    sine: Any = partial(elementary_of, trigonometry.sin)
    cosine: Any = partial(elementary_of, trigonometry.cos)
    per_degree = 0.017453292519943295
    lat_1, lat_2 = degrees[0] * per_degree, degrees[2] * per_degree
    north, east = sine((lat_2 - lat_1) / 2), sine((degrees[3] - degrees[1]) * per_degree / 2)
    part = north * north + cosine(lat_1) * cosine(lat_2) * (east * east)
    if part >= 1:
        return 3.141592653589793 * 6371.0088
    return 2 * 6371.0088 * elementary_of(trigonometry.arctan, math.sqrt(part) / math.sqrt(1 - part))


def positive(value: float) -> float:
    if value <= 0:
        raise FaultError
    return value


FUNCTIONS: dict[str, Callable[..., Any]] = {  # of values that are not null
    "abs": lambda x: checked(abs(number(x))),
    "floor": lambda x: checked(math.floor(number(x))),
    "ceil": lambda x: checked(math.ceil(number(x))),
    "round": lambda x, n=0: checked(round(number(x), whole(n))),
    "sqrt": lambda x: math.sqrt(x if number(x) >= 0 else positive(x)),
    "exp": lambda x: elementary_of(elementary.exp, number(x)),
    "log": lambda x: elementary_of(elementary.log, positive(number(x))),
    "log10": lambda x: elementary_of(elementary.log10, positive(number(x))),
    "sin": lambda x: elementary_of(trigonometry.sin, number(x)),
    "cos": lambda x: elementary_of(trigonometry.cos, number(x)),
    "int": to_int,
    "float": to_float,
    "string": text_of,
    "length": len,
    "upper": lambda x: short(scalar_text(x).upper()),
    "lower": lambda x: short(scalar_text(x).lower()),
    "trim": lambda x, c=None: scalar_text(x).strip(c),
    "replace": lambda x, a, b, n=-1: short(scalar_text(x).replace(scalar_text(a), scalar_text(b), n)),
    "startswith": lambda x, a: scalar_text(x).startswith(scalar_text(a)),
    "endswith": lambda x, a: scalar_text(x).endswith(scalar_text(a)),
    "split": lambda x, a=None: scalar_text(x).split(a),
    "md5": lambda x: hashlib.md5(scalar_text(x).encode()).hexdigest(),
    "sha1": lambda x: hashlib.sha1(scalar_text(x).encode()).hexdigest(),
    "sha256": lambda x: hashlib.sha256(scalar_text(x).encode()).hexdigest(),
    "crc32": lambda x: format(zlib.crc32(scalar_text(x).encode()), "08x"),
    "bucket": lambda x, n: int(hashlib.md5(json_of(x).encode()).hexdigest()[:16], 16) % positive(whole(n)),
    "count": len,
    "first": lambda x: x[0] if x else None,
    "last": lambda x: x[-1] if x else None,
    "unique": unique,
    "join": lambda x, a="": short(a.join("" if each is None else text_of(each) for each in x)),
    "any": lambda x: any(plain(x)),
    "all": lambda x: all(plain(x)),
    "luhn": lambda x: luhn(scalar_text(x)),
    "seconds": lambda x: checked(float(number(x))),
    "minutes": lambda x: checked(number(x) * 60.0),
    "hours": lambda x: checked(number(x) * 3600.0),
    "days": lambda x: checked(number(x) * 86_400.0),
    "epoch": lambda x: x.micros // 1_000_000,
    "epoch_ms": lambda x: x.micros // 1000,
    "hour": lambda x: local(x).hour,
    "weekday": lambda x: local(x).weekday(),
    "date": lambda x: local(x).strftime("%Y-%m-%d").zfill(10),
    "strftime": lambda x, pattern: local(x).strftime(pattern),
    "instant": lambda x: x if isinstance(x, Moment) else Moment(
        (datetime.fromisoformat(x).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    ),
    "distance_km": lambda *x: distance(*map(number, x)),
    **{
        name: lambda period, x, of=name: getattr(PERIODS[period], of)(x.micros)
        for name in ("during", "ramp", "progress")
    },
}  # fmt: skip
RESULTS: dict[str, Kind] = {
    **dict.fromkeys(["floor", "ceil", "int", "length", "count", "bucket", "luhn", "epoch", "epoch_ms", "hour", "weekday"], "int"),
    **dict.fromkeys(["sqrt", "exp", "log", "log10", "sin", "cos", "float", "avg", "seconds", "minutes", "hours", "days", "distance_km", "ramp", "progress"], "float"),
    **dict.fromkeys(["string", "upper", "lower", "trim", "replace", "md5", "sha1", "sha256", "crc32", "join", "date", "strftime", "format"], "text"),
    **dict.fromkeys(["startswith", "endswith", "any", "all", "during"], "bool"),
    "split": ("list", "text"), "instant": "instant",
}  # fmt: skip
TESTS: dict[str, Callable[[Any], bool]] = {
    "none": lambda x: x is None,
    "undefined": lambda x: x is None,
    "defined": lambda x: x is not None,
    "true": lambda x: x is True,
    "false": lambda x: x is False,
    "boolean": lambda x: isinstance(x, bool),
    "number": lambda x: isinstance(x, int | float),
    "integer": lambda x: isinstance(x, int) and not isinstance(x, bool),
    "float": lambda x: isinstance(x, float),
    "string": lambda x: isinstance(x, str | Moment),
    "mapping": lambda x: isinstance(x, dict),
}


def power(left: float, right: float) -> float:
    if (left == 0 and right < 0) or (left < 0 and right != math.floor(right)):
        raise FaultError
    return elementary_of(elementary.powers, left, right)

"""The functions of instants: what each takes, and of what type its value is."""

from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, JSON, TEXT, ColumnType
from datagen.curves.zone_style import ZoneStyle
from datagen.curves.zones import known_zone
from datagen.instants import Style
from datagen.language.maker import Maker
from datagen.language.problems import MistakeError
from datagen.language.signatures import DOUBLE, MOMENT, PLAIN_TEXT, Definition, regular
from datagen.language.time_functions import (
    TIME_FUNCTIONS,
    instant,
    of_local_time,
    of_local_time_in,
    of_periods,
    strftime,
    strftime_in,
)
from datagen.language.tree import INSTANT_NAME, Constant, Function, NameRef, Node
from datagen.validation import did_you_mean, quoted


def _instant(maker: Maker, arguments: list[Node], at: int) -> Node:
    if arguments[0].column_type == INSTANT:
        return arguments[0]
    text = PLAIN_TEXT.fit(maker, arguments[0], "instant")
    return maker.call(instant(maker.style), INSTANT, at, text)


def _of_local_time(name: str, column_type: ColumnType) -> Definition:
    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        moment = MOMENT.fit(maker, arguments[0], name)
        style = _style(maker, arguments[1:])
        if style is not None:
            return maker.call(of_local_time(name, style), column_type, at, moment)
        zone = PLAIN_TEXT.fit(maker, arguments[1], f"the zone of {name}")
        return maker.call(of_local_time_in(name), column_type, at, moment, zone)

    return Definition(f"{name}(instant, zone)", 1, 2, build)


def _strftime(maker: Maker, arguments: list[Node], at: int) -> Node:
    moment, pattern = MOMENT.fit(maker, arguments[0], "strftime"), arguments[1]
    if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
        raise MistakeError(
            pattern.at, "strftime takes a pattern such as '%Y-%m', not a computed one"
        )
    style = _style(maker, arguments[2:])
    if style is not None:
        return maker.call(_checked(pattern, style), TEXT, at, moment)
    zone = PLAIN_TEXT.fit(maker, arguments[2], "the zone of strftime")
    return maker.call(_checked(pattern, None), TEXT, at, moment, zone)


def _checked(pattern: Constant, style: Style | None) -> Function:
    """Return the function of a pattern. Raises MistakeError for a wrong one."""
    try:
        return strftime_in(pattern.value) if style is None else strftime(pattern.value, style)
    except ValueError as error:
        raise MistakeError(pattern.at, f"strftime: {error}") from None


def _style(maker: Maker, zones: list[Node]) -> Style | None:
    """Return the style of a zone that is constant, that of the start without one, None for a computed one."""
    if not zones:
        return maker.style
    zone = zones[0]
    if not isinstance(zone, Constant) or not isinstance(zone.value, str):
        return None
    try:
        return ZoneStyle(zone=known_zone(zone.value))
    except ValueError as error:
        raise MistakeError(zone.at, str(error)) from None


def _of_periods(name: str, column_type: ColumnType) -> Definition:
    """Return a function of a period, and of an instant: without one of the visit's, or the record's `time`."""

    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        period, moment = _period(maker, name, arguments[0]), _moment(maker, name, arguments, at)
        return maker.call(of_periods(name, maker.timeline, period), column_type, at, moment)

    return Definition(f"{name}(period, instant)", 1, 2, build)


def _period(maker: Maker, function: str, node: Node) -> str:
    """Return the period that a constant names. Raises MistakeError."""
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        text = f"{function} takes the name of a period as a text, not a computed one"
        raise MistakeError(node.at, text)
    if maker.in_set:
        text = "in a field with cardinality, whose values are made before the run, no periods are known"
        raise MistakeError(node.at, text)
    known = maker.timeline.rules
    if node.value not in known:
        hint = did_you_mean(node.value, known) if known else "; the specification has no timeline"
        raise MistakeError(node.at, f"no period {quoted(node.value)}{hint}")
    return node.value


def _moment(maker: Maker, function: str, arguments: list[Node], at: int) -> Node:
    """Return the instant that a function of periods looks at. Raises MistakeError where there is none."""
    if len(arguments) > 1:
        return MOMENT.fit(maker, arguments[1], function)
    for name in (INSTANT_NAME, maker.clock):
        found = maker.types.get(name, JSON)
        if found.kind in ("instant", "nothing"):
            return NameRef(found, at, name)
    raise MistakeError(
        at,
        f"{function} looks at the time of a visit, which is not known here; name an instant: {function}(period, instant)",
    )


TIME_DEFINITIONS = (
    Definition("instant(text)", 1, 1, _instant),
    *(
        regular(f"{name}(x)", TIME_FUNCTIONS[name], FLOAT, DOUBLE)
        for name in ("seconds", "minutes", "hours", "days")
    ),
    regular("epoch(instant)", TIME_FUNCTIONS["epoch"], INT, MOMENT),
    regular("epoch_ms(instant)", TIME_FUNCTIONS["epoch_ms"], INT, MOMENT),
    _of_local_time("hour", INT),
    _of_local_time("weekday", INT),
    _of_local_time("date", TEXT),
    Definition("strftime(instant, pattern, zone)", 2, 3, _strftime),
    _of_periods("during", BOOL),
    _of_periods("ramp", FLOAT),
    _of_periods("progress", FLOAT),
)

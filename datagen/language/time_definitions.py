"""The functions of instants: what each takes, and of what type its value is."""

from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, ColumnType
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
    strftime,
    strftime_in,
)
from datagen.language.tree import Constant, Function, Node


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
)

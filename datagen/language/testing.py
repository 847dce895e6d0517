"""The tests of the language, such as `x is none`: what each takes."""

from collections.abc import Mapping

from datagen.columns.column_type import BOOL, INT
from datagen.language.conversions import CONVERSIONS
from datagen.language.maker import Maker
from datagen.language.signatures import WHOLE, Definition
from datagen.language.tree import Constant, Node
from datagen.language.typed_operators import binary, compared
from datagen.validation import did_you_mean, quoted


def _of_value(name: str, function: str) -> Definition:
    """Return a test that null passes or not, as anything else."""

    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        return maker.call(CONVERSIONS[function], BOOL, at, maker.written(arguments[0]))

    return Definition(f"is {name}", 1, 1, build)


def _of_rest(usage: str, rest: int, given: int = 0) -> Definition:
    """Return a test of what a whole number leaves, divided by 2 or by a number that is `given`."""

    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        number, *others = (WHOLE.fit(maker, each, f'"{usage}"') for each in arguments)
        divisor = others[0] if others else Constant(INT, at, 2)
        left = binary(maker, "%", number, divisor, at)
        return compared(maker, "equal", left, Constant(INT, at, rest), at)

    return Definition(usage, 1 + given, 1 + given, build)


def _contained(maker: Maker, arguments: list[Node], at: int) -> Node:
    return compared(maker, "in", arguments[0], arguments[1], at)


TESTS: Mapping[str, Definition] = {
    "none": _of_value("none", "is_null"),
    "undefined": _of_value("undefined", "is_null"),
    "defined": _of_value("defined", "is_set"),
    **{
        name: _of_value(name, f"is_{name}")
        for name in ("true", "false", "boolean", "number", "integer", "float", "string", "mapping")
    },
    "even": _of_rest("is even", 0),
    "odd": _of_rest("is odd", 1),
    "divisibleby": _of_rest("is divisibleby(n)", 0, 1),
    "in": Definition("is in(list)", 2, 2, _contained),
}


def unknown_test(name: str) -> str:
    """Return the sentence about a test that does not exist."""
    return f"no test {quoted(name)}{did_you_mean(name, TESTS)}"

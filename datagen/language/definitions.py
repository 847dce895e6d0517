"""What a function of the language is: how it is written, how many values it takes, and what it makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datagen.columns.column_type import ColumnType
from datagen.language.maker import Maker
from datagen.language.parameters import Parameter
from datagen.language.problems import MistakeError
from datagen.language.tree import Function, Node
from datagen.one_line import plural

Build = Callable[[Maker, list[Node], int], Node]
TypeOf = Callable[[Sequence[Node]], ColumnType]
MANY = 1_000  # values


@dataclass(frozen=True)
class Definition:
    """A function: its `usage`, such as `round(x, decimals)`, and what makes a part of its arguments."""

    usage: str
    fewest: int
    most: int
    build: Build

    @property
    def name(self) -> str:
        """Return its name."""
        return self.usage.partition("(")[0]

    def part(self, maker: Maker, arguments: list[Node], at: int) -> Node:
        """Return a call with arguments, at a column. Raises MistakeError."""
        if not self.fewest <= len(arguments) <= self.most:
            raise MistakeError(at, f"{self.usage} takes {self._counts}, not {len(arguments)}")
        return self.build(maker, arguments, at)

    @property
    def _counts(self) -> str:
        if self.most == MANY:
            return f"{self.fewest} {plural('value', self.fewest)} or more"
        if self.fewest == self.most:
            return f"{self.most} {plural('value', self.most)}"
        return f"{self.fewest} to {self.most} values"


def regular(
    usage: str,
    function: Function,
    result: ColumnType | TypeOf,
    *parameters: Parameter,
    optional: int = 0,
) -> Definition:
    """Return a function whose arguments are fit one by one; the last ones may be `optional`."""
    name = usage.partition("(")[0]

    def build(maker: Maker, arguments: list[Node], at: int) -> Node:
        fitting = [
            parameter.fit(maker, node, name)
            for parameter, node in zip(parameters, arguments, strict=False)
        ]
        column_type = result if isinstance(result, ColumnType) else result(fitting)
        return maker.call(function, column_type, at, *fitting)

    return Definition(usage, len(parameters) - optional, len(parameters), build)


def same(arguments: Sequence[Node]) -> ColumnType:
    """Return the type of the first argument."""
    return arguments[0].column_type

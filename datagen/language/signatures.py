"""What functions of the language take and give: kinds of parameters, which make arguments fit, and definitions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from datagen.columns.column_type import FLOAT, INSTANT, INT, JSON, TEXT, ColumnType, list_type
from datagen.instants import Style
from datagen.language.conversions import CONVERSIONS, instant_of, int_of_bool
from datagen.language.maker import Maker
from datagen.language.number_functions import NUMBER_FUNCTIONS
from datagen.language.problems import MistakeError, described
from datagen.language.text_functions import TEXT_FUNCTIONS, string
from datagen.language.tree import Function, Node
from datagen.one_line import plural

Conversion = Callable[[Style], tuple[Function, ColumnType]]


@dataclass(frozen=True)
class Parameter:
    """What a function takes in one place: values of some kinds as they are, of others converted.

    `remedies` say what to do about values of other kinds.
    """

    words: str
    kinds: frozenset[str]
    conversions: Mapping[str, Conversion] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)

    def fit(self, maker: Maker, node: Node, what: str) -> Node:
        """Return an argument as the function takes it; `what` names the function. Raises MistakeError."""
        kind = node.column_type.kind
        if kind in self.conversions:
            function, column_type = self.conversions[kind](maker.style)
            return maker.call(function, column_type, node.at, node)
        if kind in self.kinds or kind == "nothing":
            return node
        remedy = self.remedies.get(kind, "")
        raise MistakeError(
            node.at, f"{what} takes {self.words}, not {described(node.column_type)}{remedy}"
        )


def _always(function: Function, column_type: ColumnType) -> Conversion:
    return lambda _: (function, column_type)


_TO_FLOAT = _always(NUMBER_FUNCTIONS["float"], FLOAT)
_WRITE = _always(TEXT_FUNCTIONS["string"], TEXT)
_OF_TEXT = {
    "text": "; float(...) reads a text",
    "instant": "; epoch(...) is its seconds since 1970",
}

NUMBER = Parameter(
    "a number", frozenset(("int", "float")),
    {"bool": _always(int_of_bool(), INT), "json": _always(CONVERSIONS["number_of"], FLOAT)}, _OF_TEXT,
)  # fmt: skip
EXACT_NUMBER = Parameter(  # among values of mixed types there may be integers that no double is
    "a number", frozenset(("int", "float")),
    {"bool": _always(int_of_bool(), INT), "json": _always(CONVERSIONS["exact_number_of"], JSON)}, _OF_TEXT,
)  # fmt: skip
DOUBLE = Parameter(
    "a number", frozenset(("float",)),
    {"int": _TO_FLOAT, "bool": _TO_FLOAT, "json": _always(CONVERSIONS["number_of"], FLOAT)}, _OF_TEXT,
)  # fmt: skip
WHOLE = Parameter(
    "a whole number", frozenset(("int",)),
    {"bool": _always(int_of_bool(), INT), "json": _always(CONVERSIONS["whole_of"], INT)},
    {"float": "; int(...) leaves out its decimals", "text": "; int(...) reads a text"},
)  # fmt: skip
PLAIN_TEXT = Parameter(
    "a text", frozenset(("text",)), {"json": _always(CONVERSIONS["text_of"], TEXT)},
    dict.fromkeys(("int", "float", "bool", "instant", "object", "list"), "; string(...) makes it one"),
)  # fmt: skip
WRITTEN = Parameter(  # whatever has one text, as the program writes it
    "a text", frozenset(("text",)),
    {
        "int": _WRITE, "float": _WRITE, "bool": _WRITE,
        "instant": lambda style: (string(style), TEXT),
        "json": _always(CONVERSIONS["written_of"], TEXT),
    },
    dict.fromkeys(("object", "list"), "; string(...) makes it one"),
)  # fmt: skip
LIST = Parameter(
    "a list", frozenset(("list",)), {"json": _always(CONVERSIONS["list_of"], list_type(JSON))}
)
READABLE = Parameter(
    "a number or a text", frozenset(("int", "float", "bool", "text")),
    {"json": _always(CONVERSIONS["scalar_of"], JSON)}, {"instant": "; epoch(...) is its seconds since 1970"},
)  # fmt: skip
COUNTABLE = Parameter(
    "a text, a list or an object", frozenset(("text", "list", "object")),
    {"json": _always(CONVERSIONS["countable_of"], JSON)},
    dict.fromkeys(("int", "float"), "; string(...) makes it a text"),
)  # fmt: skip
MOMENT = Parameter(
    "an instant", frozenset(("instant",)), {"json": lambda style: (instant_of(style), INSTANT)},
    {"text": "; instant(...) reads a text"},
)  # fmt: skip
ANYTHING = Parameter(
    "a value", frozenset(("int", "float", "bool", "text", "instant", "object", "list", "json"))
)

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

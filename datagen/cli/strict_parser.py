"""A parser of command lines that takes each flag once, and knows which one an unknown flag meant."""

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

from datagen.cli.help_text import help_text
from datagen.errors import UsageError
from datagen.meanings import meant_option


class StrictParser(argparse.ArgumentParser):
    """Raises wrong usage as an error of ours; a flag that is given twice is such, unless it collects values."""

    def __init__(self, **keys: Any) -> None:
        super().__init__(**keys)
        for name, action in ((None, _Value), ("store_const", _Constant), ("store_true", _Switch)):
            self.register("action", name, action)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the options. Raises UsageError, for an unknown flag with the one that was probably meant."""
        known, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}{self._hint(rest)}")
        return known

    def _hint(self, words: Iterable[str]) -> str:
        """Return the end of the message for unknown arguments, of which the first flag counts."""
        shown = [each for each in self._actions if each.help != argparse.SUPPRESS]
        flags = [flag for each in shown for flag in each.option_strings]
        unknown = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
        meant = meant_option(unknown, flags)
        return f"; did you mean {meant}?" if meant else ""

    def format_help(self) -> str:
        return help_text(self)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


class _Value(argparse.Action):
    """Stores the value of a flag, or its constant; refuses a second one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        del parser, option_string
        _check_first(self, namespace)
        setattr(namespace, self.dest, self.const if self.nargs == 0 else values)


class _Constant(_Value):
    """A flag that stands for a constant."""

    def __init__(self, **keys: Any) -> None:
        super().__init__(nargs=0, **keys)


class _Switch(_Constant):
    """A flag that is there or not."""

    def __init__(self, **keys: Any) -> None:
        super().__init__(const=True, default=False, **keys)


class OnOff(argparse.BooleanOptionalAction):
    """A flag with an opposite, of which one may be given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        _check_first(self, namespace)
        super().__call__(parser, namespace, values, option_string)


def _check_first(action: argparse.Action, namespace: argparse.Namespace) -> None:
    """Raise the error of argparse where a flag has been given before."""
    given = vars(namespace).setdefault("given", set())
    if action.option_strings[0] in given:
        raise argparse.ArgumentError(action, "is given twice")
    given.add(action.option_strings[0])

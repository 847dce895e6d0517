"""What the functions of texts compute. Each raises ArithmeticError or ValueError where there is no value."""

import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from datagen.columns import json_text
from datagen.instants import Style
from datagen.language import bounds
from datagen.language.tree import Function
from datagen.language.values import instant_text, value_text

_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?[-#0 +]*(?P<width>\*|\d*)(?:\.(?P<decimals>\*|\d*))?[hlL]?(?P<kind>.?)",
    re.DOTALL,
)
_MAX_WIDTH = 1_000
OF_WHOLE, OF_NUMBERS, OF_TEXTS = frozenset("xXo"), frozenset("diueEfFgG"), frozenset("s")


def string(style: Style) -> Function:
    """Return the function that makes an instant a text."""
    return Function("instant_text", lambda value: instant_text(value, style), settings=(style,))


def directives(pattern: str) -> str:
    """Return the letter of each directive of a pattern that takes a value. Raises NoValueError for a wrong one."""
    found = ""
    for each in _DIRECTIVE.finditer(pattern):
        kind = each["kind"]
        if each["key"] is not None or "*" in (each["width"], each["decimals"]):
            raise bounds.NoValueError(f'"{each[0]}" is not known; values stand in their order')
        if any(
            int(size or 0) > _MAX_WIDTH
            for size in (each["width"][:9], (each["decimals"] or "")[:9])
        ):
            raise bounds.NoValueError(f"a width of more than {_MAX_WIDTH:,} characters")
        if kind == "%":
            if each[0] != "%%":
                raise bounds.NoValueError(f'"{each[0]}" is not known; "%%" is a percent sign')
        elif not kind or kind not in {*OF_WHOLE, *OF_NUMBERS, *OF_TEXTS}:
            raise bounds.NoValueError(f'"{each[0]}" is not known; "%d", "%.2f" and "%s" are')
        else:
            found += kind
    return found


def filled_in(pattern: str) -> Function:
    """Return the function of the values that a pattern takes, numbers or texts as its directives say."""

    def compute(*values: Any) -> str:
        return bounds.text(pattern % tuple(map(_plus_zero, values)))

    return Function("format", compute, settings=(pattern,))


def _string(value: Any) -> str:
    """Return the text of a value without instants: a text as it is, else as in JSON."""
    return bounds.text(value_text(value))


def _length(value: Any) -> int:
    return len(value)


def _upper(value: str) -> str:
    return bounds.text(value.upper())


def _lower(value: str) -> str:
    return bounds.text(value.lower())


def _trim(value: str, characters: str | None = None) -> str:
    return value.strip(characters)


def _replace(value: str, old: str, new: str, count: int = -1) -> str:
    found = value.count(old) if count < 0 else min(count, value.count(old))
    if len(value) + found * (len(new) - len(old)) > bounds.MAX_CHARACTERS:
        raise bounds.NoValueError(f"makes a text of more than {bounds.MAX_CHARACTERS:,} characters")
    return value.replace(old, new, max(count, -1))


def _startswith(value: str, start: str) -> bool:
    return value.startswith(start)


def _endswith(value: str, end: str) -> bool:
    return value.endswith(end)


def _split(value: str, separator: str | None = None) -> list[str]:
    return bounds.elements(value.split(separator, bounds.MAX_ELEMENTS))


def _hashed(make: Callable[..., Any]) -> Callable[[str], str]:
    def compute(value: str) -> str:
        digest: str = make(_utf8(value), usedforsecurity=False).hexdigest()
        return digest

    return compute


def _crc32(value: str) -> str:
    return f"{zlib.crc32(_utf8(value)):08x}"


def _bucket(value: Any, count: int) -> int:
    """Return the first 16 hexadecimal digits of the MD5 of a value's JSON text, modulo the count."""
    if count < 1:
        raise bounds.NoValueError("there are no buckets")
    text = json_text.of_value(value)
    digest = hashlib.md5(_utf8(text), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") % count


def _luhn(digits: str) -> int:
    """Return the digit that makes a number of digits right by the formula of Luhn (ISO/IEC 7812-1)."""
    if not (digits.isascii() and digits.isdigit()):
        raise bounds.NoValueError("is not made of digits")
    doubled = sum(sum(divmod(2 * int(each), 10)) for each in digits[::-2])
    return -(doubled + sum(int(each) for each in digits[-2::-2])) % 10


def _plus_zero(value: Any) -> Any:
    return value + 0.0 if value.__class__ is float else value


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


_COMPUTES: Mapping[str, Callable[..., Any]] = {
        "string": _string, "length": _length, "upper": _upper, "lower": _lower, "trim": _trim,
        "replace": _replace, "startswith": _startswith, "endswith": _endswith, "split": _split,
        "md5": _hashed(hashlib.md5), "sha1": _hashed(hashlib.sha1), "sha256": _hashed(hashlib.sha256),
        "crc32": _crc32, "bucket": _bucket, "luhn": _luhn,
}  # fmt: skip
TEXT_FUNCTIONS: Mapping[str, Function] = {
    name: Function(name, compute) for name, compute in _COMPUTES.items()
}

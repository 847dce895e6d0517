"""Turns a name that does not exist into the one that was probably meant, if that can be told.

A suggestion that misleads is worse than none: `rate` is no misspelt `format`.
"""

import re
from collections import Counter
from collections.abc import Iterable

_MAX_LENGTH = 200  # of names compared with others, which takes time
_LONG_FORMS = {"integer": "int", "boolean": "bool", "minimum": "min", "maximum": "max"}


def closest_name(word: object, known: Iterable[str]) -> str | None:
    """Return the known name that was meant by a word, or None where that is none or several.

    It is one with a few letters left out, added, replaced or swapped: one in a short name, three in a
    long one; or the only one that consists of more parts than the one given, the shortest with several.
    """
    if not isinstance(word, str) or not 0 < len(word) <= _MAX_LENGTH:
        return None
    names = [name for name in dict.fromkeys(known) if 0 < len(name) <= _MAX_LENGTH]
    typed = _letters(word)
    edits = {name: _edits(typed, _letters(name)) for name in names}
    fewest = min((found for found in edits.values() if found is not None), default=None)
    if fewest is not None:
        return _only(name for name in names if edits[name] == fewest)
    long_form = _LONG_FORMS.get(word.casefold())
    if long_form in names:
        return long_form
    whole = [name for name in names if _is_part(word, name)]
    if len(_parts(word)) > 1:
        whole = sorted(whole, key=len)[:1]
    return _only(whole)


def _only(names: Iterable[str]) -> str | None:
    """Return the only name, or None where there are several."""
    found = [*names]
    return found[0] if len(found) == 1 else None


def _letters(name: str) -> str:
    """Return a name as it is compared: case, underscores and hyphens do not count."""
    return name.casefold().replace("_", "").replace("-", "") or name


def _edits(typed: str, name: str) -> tuple[int, int] | None:
    """Return how many letters of a name were misspelt, and how many of those typed are not in it.

    None stands for too many.
    """
    longest = max(len(typed), len(name))
    if re.sub(r"\D", "", name) not in ("", re.sub(r"\D", "", typed)):
        return None  # state1 is no misspelt state2
    if typed[0] == name[0] or typed[:2] == name[1::-1]:
        limit = (longest > 1) + (longest > 6) + (longest > 11)
    else:  # the first letter is seldom wrong
        limit = int(longest > 5)
    found = _distance(typed, name, limit)
    if found and longest < 4 and len(typed) <= len(name) and sorted(typed) != sorted(name):
        return None
    return None if found is None else (found, (Counter(typed) - Counter(name)).total())


def _distance(one: str, other: str, limit: int) -> int | None:
    """Return how many letters are to be added, removed, replaced or swapped, or None for more than a limit.

    This is the optimal string alignment distance: L. Boytsov, Indexing methods for approximate dictionary
    searching, ACM J. Exp. Algorithmics 16 (2011), section 2.1.
    """
    if abs(len(one) - len(other)) > limit:
        return None
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    one, other = one[same:], other[same:]
    if not one or not other:
        return len(one) + len(other)
    if not limit:
        return None
    rests = [(one[1:], other), (one, other[1:]), (one[1:], other[1:])]
    rests += [(one[2:], other[2:])] * (one[:2] == other[1::-1])
    found = [_distance(*rest, limit - 1) for rest in rests]
    return min((1 + each for each in found if each is not None), default=None)


def _is_part(word: str, name: str) -> bool:
    """Return whether a word consists of parts of a name: `hour` of `utc_hour`, `topic` of `topic_key`.

    The last part may be cut short.
    """
    typed, parts = _parts(word), _parts(name)
    *before, last = typed
    rest = iter(parts)
    if not all(part in rest for part in before):
        return False
    shortest = 3 if before else 5
    return any(part == last or (len(last) >= shortest and part.startswith(last)) for part in rest)


def _parts(name: str) -> list[str]:
    return re.split(r"[_\-:./ ]+", name.casefold())

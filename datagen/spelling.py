"""Turns a name that does not exist into the one that was probably meant, if that can be told.

A suggestion that misleads is worse than none: `rate` is no misspelt `format`, and `part`, which is spelt
right, no misspelt `port`.
"""

import re
from collections import Counter
from collections.abc import Iterable

_MAX_LENGTH = 200  # of names compared with others, which takes time
_LONG_FORMS = {"integer": "int", "boolean": "bool", "minimum": "min", "maximum": "max"}
_WORDS = frozenset(  # that things are called by: who wrote one of them meant no other that is spelt alike
    re.findall(
        r"\w+",
        """
        account action address age alias amount angle area author base batch bias block body border bottom bound box branch
        buffer cache call case category cell change channel city class client code color column comment command condition
        content copy cost country count course cursor cycle data database date day default degree depth device direction disk
        domain door edge email end entry error event factor field file filter flag folder font force frame function game gap
        gate gender girl goal grade grid group guest heap heat height help home host hour house image index input interest
        invoice issue item job join key kind label lane language last layer leader leaf length letter level light limit line
        link list load local location lock log loop lot machine mark mask mass match matrix memory message meter method mile
        minute mode month mood more move nest network night node noise note number object offer option order origin output
        owner pace pack page pair parent part party pass patch path peer period person phase phone place plan plane point
        policy pool port post power price prime print process product profile project proxy pulse purse query queue quote
        race radius range rank ratio reason record region relay report request result retry ride road role room root route
        row rule salary sale sample scale score search season second sector seed seller sensor server service session shape
        shard share shift shop side signal site size skill slot source space speed spring stack staff stage stamp star state
        status step stock stop storage store stream street string style subject sum table tag tail target task team tenant
        term test text theme thread ticket tile time timeline timeout timezone title token tone tool topic total track trade
        train tree trend trial trip truck turn type unit user value vendor version video view visit voice volume wave week
        weight wheel width window word work worker year zone
        """,
    )
)


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
    if word.casefold() in _WORDS:
        edits = {name: each for name, each in edits.items() if _same_word(typed, _letters(name))}
    fewest = min((found for found in edits.values() if found is not None), default=None)
    if fewest is not None:
        return _only(name for name in edits if edits[name] == fewest)
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


def _same_word(one: str, other: str) -> bool:
    """Return whether two words differ by nothing but a plural."""
    return one.rstrip("s") == other.rstrip("s")


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

"""Turns the answer of a server into what its JSON says at the top level."""

import re

# a text, with the colon after it if it is a key; a bracket; a number or a word
_TOKEN = re.compile(rb'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))(\s*+:)?|[{}\[\]]|[^\s"{}\[\]:,]+', re.DOTALL)
_LEVELS = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


def top_level_value(answer: bytes, key: str) -> bytes | None:
    """Return the text of the value that an object has under a key, or None where there is none.

    Of a list or an object it is the first bracket. The answer may be cut off anywhere, and need not be JSON.
    """
    name = b'"%b"' % key.encode()
    if name not in answer or not answer.lstrip().startswith(b"{"):
        return None
    depth, is_next = 0, False
    for match in _TOKEN.finditer(answer):
        if is_next:
            return match[0]
        is_next = depth == 1 and match[1] == name and match[2] is not None
        depth += _LEVELS.get(match[0], 0)
    return None

"""Texts as JSON."""

import json

from datagen.targets.envelopes import json_quotes
from datagen.targets.envelopes.json_quotes import JsonQuotes


def test_texts_are_json_however_many() -> None:
    """Also once the oldest are forgotten."""
    quotes = JsonQuotes()
    for number in range(2 * json_quotes._MOST_TEXTS + 1):
        assert json.loads(quotes[f'"{number}\n']) == f'"{number}\n'
    assert quotes.pair("k", "é") == ',"k":"é"'
    assert quotes.pair("k", None) == ""

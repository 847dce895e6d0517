"""Writes texts that go with records as JSON; most of them come again."""

import json

_MOST_TEXTS = 10_000  # that are remembered


class JsonQuotes:
    """Texts as JSON, remembered."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __getitem__(self, text: str) -> str:
        quoted = self._known.get(text)
        if quoted is None:
            if len(self._known) >= _MOST_TEXTS:
                self._known.clear()
            quoted = self._known[text] = json.dumps(text, ensure_ascii=False)
        return quoted

    def pair(self, key: str, text: str | None) -> str:
        """Return a comma, a key and its text; nothing for no text."""
        return "" if text is None else f',"{key}":{self[text]}'

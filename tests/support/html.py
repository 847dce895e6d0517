"""Judges HTML: whether each element ends where it should, and what a page would load."""

from html.parser import HTMLParser

_VOID = {"meta", "link", "br", "img", "hr", "input"}
_LOADING = ("src", "href", "xlink:href", "srcset", "data", "action")


class _Judge(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.problems.append(f"{tag} has an attribute twice")
        if tag == "script" or any(name in _LOADING or name.startswith("on") for name in names):
            self.problems.append(f"{tag} loads or runs something")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"{tag} ends where it is not open")


def problems_of(text: str) -> list[str]:
    """Return what is wrong with a page that is to stand by itself: tags, what it loads, what it runs."""
    judge = _Judge()
    judge.feed(text)
    judge.close()
    found = [*judge.problems, *(f"{tag} is never closed" for tag in judge.open)]
    if not text.startswith("<!DOCTYPE html>\n"):
        found.append("no doctype")
    return found + [word for word in ("@import", "url(", "javascript:") if word in text]

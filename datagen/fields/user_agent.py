"""The field type `user_agent`: what browsers say of themselves, by how often they are met, and what it means."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from datagen.columns.column import Column, GatheredColumn
from datagen.columns.column_type import TEXT
from datagen.columns.nested import ObjectColumn
from datagen.distributions.weights import GuideTable, cumulative
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.libraries import lasting_texts
from datagen.fields.parts import PartsField
from datagen.randomness import is_below, redraw
from datagen.validation import Probability

_PARTS = ("text", "browser", "version", "os", "device")
AgentPart = Literal["text", "browser", "version", "os", "device"]
_CHARACTERS = {"text": 122, "browser": 9, "version": 12, "os": 9, "device": 9}


class Agent(NamedTuple):
    """What one browser says, and what it means: in the order of the parts."""

    text: str
    browser: str
    version: str
    os: str
    device: str


class _Build(NamedTuple):
    """A browser on a system: its text around `{version}`, and `{engine}`, that of its engine; `weight` of them are met."""

    weight: float
    browser: str
    os: str
    device: str
    text: str


# versions of late 2025, each with that of its engine, and how many use it: the newest ones come by themselves
_VERSIONS: dict[str, list[tuple[str, str, float]]] = {
    "Chrome": [
        (f"{number}.0.0.0", "", weight)
        for number, weight in ((143, 12), (142, 50), (141, 18), (140, 7), (139, 5), (138, 4), (131, 2), (109, 2))
    ],
    "Chrome iOS": [
        ("143.0.7499.38", "", 15), ("142.0.7444.148", "", 50), ("141.0.7390.96", "", 20), ("140.0.7339.122", "", 10), ("138.0.7204.156", "", 5),
    ],
    "Safari": [("26.1", "", 30), ("26.0", "", 16), ("18.6", "", 28), ("18.5", "", 12), ("18.3", "", 6), ("17.6", "", 8)],
    "Safari iOS": [
        ("26.1", "18_7", 32), ("26.0", "18_6", 14), ("18.6", "18_6", 24), ("18.5", "18_5", 14), ("17.6", "17_6", 8), ("16.6", "16_6", 8),
    ],
    "Edge": [(f"{number}.0.0.0", "", weight) for number, weight in ((143, 10), (142, 60), (141, 20), (140, 6), (138, 4))],
    "Firefox": [("145.0", "", 50), ("144.0", "", 20), ("143.0", "", 8), ("140.0", "", 16), ("128.0", "", 6)],
    "Samsung Internet": [("29.0", "136.0.0.0", 55), ("28.0", "130.0.0.0", 30), ("27.0", "125.0.0.0", 15)],
    "Opera": [("124.0.0.0", "140.0.0.0", 50), ("123.0.0.0", "139.0.0.0", 30), ("122.0.0.0", "138.0.0.0", 20)],
}  # fmt: skip
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS, _MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
_ANDROID, _IPHONE, _IPAD = "Linux; Android 10; K", "iPhone; CPU iPhone OS", "iPad; CPU OS"
_ON_CHROME = f"Mozilla/5.0 ({{}}) {_BLINK} Chrome/{{{{version}}}}"
_ON_ENGINE = f"Mozilla/5.0 ({{}}) {_BLINK} Chrome/{{{{engine}}}} Safari/537.36 OPR/{{{{version}}}}"
_ON_GECKO = "Mozilla/5.0 ({}; rv:{{version}}) Gecko/20100101 Firefox/{{version}}"
_EDGE = f"{_ON_CHROME} Safari/537.36 Edg/{{{{version}}}}"
_SAMSUNG = f"Mozilla/5.0 ({_ANDROID}) {_BLINK} SamsungBrowser/{{version}} Chrome/{{engine}}"
_CRIOS = f"Mozilla/5.0 ({{}} 18_7 like Mac OS X) {_WEBKIT} CriOS/{{{{version}}}} Mobile/15E148 Safari/604.1"
_BUILDS = [  # a weight of 1,000 all together
    _Build(370, "Chrome", "Android", "mobile", f"{_ON_CHROME.format(_ANDROID)} Mobile Safari/537.36"),
    _Build(8, "Chrome", "Android", "tablet", f"{_ON_CHROME.format(_ANDROID)} Safari/537.36"),
    _Build(220, "Chrome", "Windows", "desktop", f"{_ON_CHROME.format(_WINDOWS)} Safari/537.36"),
    _Build(50, "Chrome", "macOS", "desktop", f"{_ON_CHROME.format(_MAC)} Safari/537.36"),
    _Build(18, "Chrome", "Linux", "desktop", f"{_ON_CHROME.format('X11; Linux x86_64')} Safari/537.36"),
    _Build(9, "Chrome", "ChromeOS", "desktop", f"{_ON_CHROME.format('X11; CrOS x86_64 14541.0.0')} Safari/537.36"),
    _Build(25, "Chrome iOS", "iOS", "mobile", _CRIOS.format(_IPHONE)),
    _Build(3, "Chrome iOS", "iOS", "tablet", _CRIOS.format(_IPAD)),
    _Build(130, "Safari iOS", "iOS", "mobile",
           f"Mozilla/5.0 ({_IPHONE} {{engine}} like Mac OS X) {_WEBKIT} Version/{{version}} Mobile/15E148 Safari/604.1"),
    _Build(45, "Safari", "macOS", "desktop", f"Mozilla/5.0 ({_MAC}) {_WEBKIT} Version/{{version}} Safari/605.1.15"),
    _Build(45, "Edge", "Windows", "desktop", _EDGE.format(_WINDOWS)),
    _Build(5, "Edge", "macOS", "desktop", _EDGE.format(_MAC)),
    _Build(15, "Firefox", "Windows", "desktop", _ON_GECKO.format(_WINDOWS)),
    _Build(3, "Firefox", "macOS", "desktop", _ON_GECKO.format("Macintosh; Intel Mac OS X 10.15")),
    _Build(5, "Firefox", "Linux", "desktop", _ON_GECKO.format("X11; Linux x86_64")),
    _Build(4, "Firefox", "Android", "mobile", "Mozilla/5.0 (Android 15; Mobile; rv:{version}) Gecko/{version} Firefox/{version}"),
    _Build(25, "Samsung Internet", "Android", "mobile", f"{_SAMSUNG} Mobile Safari/537.36"),
    _Build(2, "Samsung Internet", "Android", "tablet", f"{_SAMSUNG} Safari/537.36"),
    _Build(16, "Opera", "Windows", "desktop", _ON_ENGINE.format(_WINDOWS)),
    _Build(2, "Opera", "macOS", "desktop", _ON_ENGINE.format(_MAC)),
]  # fmt: skip
_BOTS = [  # how many are met, and what they say of themselves
    (30, "Googlebot", "2.1", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    (20, "bingbot", "2.0", f"Mozilla/5.0 {_BLINK[:-1]}; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36"),
    (12, "AhrefsBot", "7.0", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    (10, "SemrushBot", "7~bl", "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)"),
    (6, "YandexBot", "3.0", "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)"),
    (6, "Applebot", "0.1", f"Mozilla/5.0 ({_MAC}) {_WEBKIT} Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)"),
    (5, "facebookexternalhit", "1.1", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"),
    (5, "UptimeRobot", "2.0", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"),
    (3, "curl", "8.7.1", "curl/8.7.1"),
    (3, "python-requests", "2.32.5", "python-requests/2.32.5"),
]  # fmt: skip


@FIELDS.register
class UserAgentField(PartsField):
    """What a browser says of itself: an object of the text and what it means, or one part; a share of them are `bots`."""

    type: Literal["user_agent"] = "user_agent"
    known_parts = dict.fromkeys(_PARTS, TEXT)
    bots: Probability = 0
    field: AgentPart | None = None

    def values(self, draw: Draw) -> Column:
        agents = _agents()
        first = draw.stream("value")
        picks = agents.people.places(first)
        robots = np.flatnonzero(is_below(redraw(first, 1), self.bots))
        picks[robots] = agents.first_bot + agents.bots.places(first[robots])
        return GatheredColumn(agents.columns[self.field], picks)

    def mean_characters(self) -> float:
        return 220 if self.field is None else _CHARACTERS[self.field]


class _Agents(NamedTuple):
    """All that may say something, a lasting column for each part and one of objects, and how they are picked."""

    columns: Mapping[str | None, Column]
    people: GuideTable
    bots: GuideTable
    first_bot: int


@lru_cache(maxsize=1)
def _agents() -> _Agents:
    people, bots = [*browsers()], [*robots()]
    everyone = [agent for agent, _ in people + bots]
    columns: dict[str | None, Column] = {
        part: lasting_texts(getattr(each, part) for each in everyone) for part in _PARTS
    }
    columns[None] = ObjectColumn(_PARTS, [columns[part] for part in _PARTS], len(everyone))
    columns[None].lasting = True
    own, of_bots = (
        GuideTable(cumulative(np.array([weight for _, weight in each]))) for each in (people, bots)
    )
    return _Agents(columns, own, of_bots, len(people))


def browsers() -> Iterator[tuple[Agent, float]]:
    """Yield each browser in each version, and how many of a thousand use it."""
    for build in _BUILDS:
        versions = _VERSIONS[build.browser]
        total = sum(weight for _, _, weight in versions)
        name = build.browser.removesuffix(" iOS")
        for version, engine, weight in versions:
            text = build.text.format(version=version, engine=engine)
            agent = Agent(text, name, version, build.os, build.device)
            yield agent, build.weight * weight / total


def robots() -> Iterator[tuple[Agent, float]]:
    """Yield each bot, and how many of a hundred are it."""
    for weight, name, version, text in _BOTS:
        yield Agent(text, name, version, "Other", "bot"), float(weight)

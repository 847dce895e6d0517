"""What browsers say of themselves, through the whole program."""

import re
from collections import Counter

import pytest

from datagen.fields.user_agent import Agent, browsers, robots
from tests.support.fields import limited, refusal, values
from tests.support.machines import Spec

SYSTEMS = {  # what a text says of the system it is on
    "Windows": r"\(Windows NT 10\.0; Win64; x64[;)]",
    "macOS": r"\(Macintosh; Intel Mac OS X 10[._]15",
    "Linux": r"\(X11; Linux x86_64[;)]",
    "ChromeOS": r"\(X11; CrOS x86_64 14541\.0\.0\)",
    "Android": r"\((Linux; Android 10; K|Android \d+; Mobile; rv:[\d.]+)\)",
    "iOS": r"\((iPhone; CPU iPhone|iPad; CPU) OS \d+_\d+ like Mac OS X\)",
}
TOKENS = {  # the most telling token of each browser, before its version
    "Samsung Internet": "SamsungBrowser", "Edge": "Edg", "Opera": "OPR", "Firefox": "Firefox", "Safari": "Version", "Chrome": "(?:Chrome|CriOS)",
}  # fmt: skip


def user_agent(**keys: object) -> Spec:
    """Return a field of user agents."""
    return {"type": "user_agent", **keys}


def browser_of(text: str) -> tuple[str, str]:
    """Return the browser and its version, as a text shows them to who reads it without the table."""
    for name, token in TOKENS.items():
        found = re.search(rf"\b{token}/([\d.]+)", text)
        if found:
            return name, found[1]
    raise AssertionError(text)


@pytest.mark.parametrize("agent", [agent for agent, _ in browsers()], ids=lambda each: each.text)
def test_what_it_means_is_what_the_text_says(agent: Agent) -> None:
    """Browser, version, system and device can be read from the text alone."""
    assert browser_of(agent.text) == (agent.browser, agent.version)
    assert [name for name, form in SYSTEMS.items() if re.search(form, agent.text)] == [agent.os]
    phone = "Mobile" in agent.text and "iPad" not in agent.text
    handheld = agent.os in ("Android", "iOS")
    assert agent.device == ("mobile" if phone else "tablet" if handheld else "desktop")
    assert "{" not in agent.text


def test_no_text_has_two_meanings() -> None:
    """Each text is there once, of browsers and of bots."""
    texts = [agent.text for agent, _ in [*browsers(), *robots()]]
    assert len(set(texts)) == len(texts)


def test_shares_are_those_of_the_table() -> None:
    """A weight of 1,000 for browsers and 100 for bots; drawn ones follow it."""
    assert sum(weight for _, weight in browsers()) == pytest.approx(1000)
    assert sum(weight for _, weight in robots()) == pytest.approx(100)
    found = Counter(each["browser"] for each in values(user_agent(), 2000))
    assert 1300 < found["Chrome"] < 1510
    assert 290 < found["Safari"] < 410
    assert set(found) == set(TOKENS)


def test_a_share_of_them_are_bots() -> None:
    """`bots` turns browsers into bots, and leaves the others as they are."""
    plain, mixed, all_bots = (values(user_agent(bots=share), 1000) for share in (0, 0.2, 1))
    changed = [two for one, two in zip(plain, mixed, strict=True) if one != two]
    assert 150 < len(changed) < 250
    assert {each["device"] for each in changed} == {each["device"] for each in all_bots} == {"bot"}
    assert "bot" not in {each["device"] for each in plain}
    assert all(f"{each['browser']}/{each['version']}" in each["text"] for each in all_bots)
    assert len({each["browser"] for each in all_bots}) == 10


def test_a_part_is_that_of_the_browser() -> None:
    """With `field` nothing but the form of the value changes."""
    whole = values(user_agent(bots=0.1))
    assert [*whole[0]] == ["text", "browser", "version", "os", "device"]
    for part in whole[0]:
        assert values(user_agent(bots=0.1, field=part)) == [each[part] for each in whole]


def test_texts_of_a_set_differ() -> None:
    """With `cardinality` there are so many."""
    assert len(set(values(limited(user_agent(field="text"), 20), 500))) == 20


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"bots": 2}, ".bots: expected a probability from 0 to 1, not 2"),
        ({"field": "platform"}, '.field: expected "text", "browser", "version", "os" or "device"'),
        ({"bot": 0.1}, '.bot: unknown key; did you mean "bots"?'),
    ],
)
def test_bad_user_agents(keys: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(user_agent(**keys))

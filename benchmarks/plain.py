"""The loop that one would write without this project: `python -m benchmarks.plain RECORDS`.

`random` and `json.dumps`, the fields of the clickstream preset; no states, no sessions, no order of
workers: each record is drawn by itself, in the fewest calls that give it such fields.
"""

import json
import random
import sys
from datetime import datetime, timedelta
from typing import TextIO

from benchmarks.specs import clickstream

LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def values(state: str, variable: str) -> list[object]:
    """Return the values that a state of the preset chooses a variable from."""
    states = {each["name"]: each for each in clickstream()["states"]}
    found: list[object] = next(
        each["values"] for each in states[state]["variables"] if each["name"] == variable
    )
    return found


EVENTS = [str(state["name"]) for state in clickstream()["states"]]
COUNTRIES = ["DE", "FR", "GB", "IT", "NL", "PL", "AT", "CH", "BE", "IE"]
LANGUAGES = ["de", "fr", "en", "it", "nl", "pl", "de", "de", "nl", "en"]
DEVICES = values("login", "device")
REFERRERS = values("login", "referrer")
KEYWORDS = values("search", "keyword")
PRODUCTS = values("product", "product")


def write(records: int, out: TextIO) -> None:
    """Write so many records."""
    chance = random.Random(1)
    choice, choices = chance.choice, chance.choices
    users = ["".join(choices(LETTERS, k=8)) for _ in range(20_000)]
    addresses = [f"198.18.{choice(range(256))}.{choice(range(256))}" for _ in range(2_000)]
    now = datetime(2027, 3, 12)  # noqa: DTZ001 - the clock of the records has no zone
    for _ in range(records):
        now += timedelta(seconds=chance.expovariate(50.0))
        place = chance.randrange(len(COUNTRIES))
        event = choice(EVENTS)
        record = {
            "time": now.isoformat(timespec="milliseconds"),
            "user_id": choice(users),
            "country": COUNTRIES[place],
            "language": LANGUAGES[place],
            "session": "".join(choices(LETTERS, k=10)),
            "client_ip": choice(addresses),
            "device": choice(DEVICES),
            "referrer": choice(REFERRERS),
            "event": event,
            "keyword": choice(KEYWORDS) if event == "search" else None,
            "product": choice(PRODUCTS) if event in ("product", "cart", "purchase") else None,
        }
        out.write(json.dumps(record, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write(int(sys.argv[1]), sys.stdout)

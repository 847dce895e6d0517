"""What each preset is a model of holds in its records."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest

from datagen.spec.parsing import parse_spec
from tests.guarantees.golden import (
    lives,
    records,
    records_of,
)
from tests.support.helpers import invoke
from tests.support.presets import documented, spec_of


@pytest.mark.parametrize("target", ["stdout", "file"])
def test_a_target_of_ours_suits_a_preset(target: str) -> None:
    """The target files that come with the program are valid, by their bare names."""
    outcome = invoke("-c", "example", "-t", target, "--validate")
    assert (outcome.status, outcome.err.count("\n")) == (0, 1)


def test_a_click_has_ten_fields_and_about_230_bytes() -> None:
    """The size of a record that speed is measured with stays what it is."""
    assert len(documented("clickstream")) == 1 + 10
    lines = records_of("clickstream", 20_000)
    assert 220 <= len(lines) / 20_000 <= 240


def test_a_session_keeps_what_its_login_settled() -> None:
    """User, address, device and the like are the same in each click of a session."""
    fields = ("user_id", "country", "language", "client_ip", "device", "referrer")
    sessions = list(lives(records("clickstream"), "session"))
    for session in sessions:
        assert len({tuple(click[name] for name in fields) for click in session}) == 1
        assert [click["event"] == "login" for click in session] == [True] + [False] * (
            len(session) - 1
        )
    assert len(sessions) > 100


def test_what_is_bought_is_what_was_in_the_cart() -> None:
    """A purchase only follows a cart, a cart only a product, and the product stays the same."""
    before = {"purchase": "cart", "cart": "product"}
    found = 0
    for session in lives(records("clickstream"), "session"):
        for previous, click in pairwise(session):
            if click["event"] in before:
                assert previous["event"] == before[click["event"]]
                assert previous["product"] == click["product"]
                found += click["event"] == "purchase"
    assert found > 10


def test_keyword_and_product_are_there_where_they_mean_something() -> None:
    """A search has a keyword and nothing else has; only products, carts and purchases name one."""
    for click in records("clickstream"):
        assert (click["keyword"] is not None) == (click["event"] == "search")
        with_product = click["event"] in {"product", "cart", "purchase"}
        assert (click["product"] is not None) == with_product


def test_a_customer_keeps_country_and_language() -> None:
    """Who comes back in another session is still from the same country."""
    found = records("clickstream", 30_000, 10_000)
    homes = {(click["user_id"], click["country"], click["language"]) for click in found}
    users = {click["user_id"] for click in found}
    assert len(homes) == len(users) < len({click["session"] for click in found})


def test_clicks_come_from_a_limited_set_of_addresses() -> None:
    """The addresses are at most 2,000, and not one for each session."""
    found = records("clickstream", 30_000, 10_000)
    sessions = {click["session"] for click in found}
    addresses = {click["client_ip"] for click in found}
    assert 1_000 < len(addresses) <= 2_000 < len(sessions)


def test_more_customers_come_than_a_pool_of_10000_lets_in() -> None:
    """Arrivals times the mean stay are above 10,000, so that -m sets how busy the shop is."""
    spec, _ = parse_spec(spec_of("clickstream"), "clickstream.json")
    places = {state.name: place for place, state in enumerate(spec.states)}
    assign_next = np.zeros((len(places), len(places)))
    for state in spec.states:
        for to in state.transitions:
            if to.next in places:
                assign_next[places[state.name], places[to.next]] = to.probability
    delays = [state.delay.mean() for state in spec.states]
    stay = np.linalg.solve(np.eye(len(places)) - assign_next, np.array(delays))[0]
    assert stay / spec.arrivals[0].interarrival.mean() == pytest.approx(13_600, rel=0.01)


def test_a_request_is_like_the_samples() -> None:
    """The example gives the fields of the first samples, from one of five servers."""
    found = records("example")
    assert {tuple(record) for record in found} == {
        ("time", "server", "client", "endpoint", "response_time_ms")
    }
    assert {record["server"] for record in found} == {f"127.0.0.{last}" for last in range(2, 7)}
    assert all(re.match(r"(GET|POST|PUT|DELETE) /api/\w+", record["endpoint"]) for record in found)


def test_a_request_takes_less_than_four_minutes() -> None:
    """Answers are mostly quick, what writes is sometimes slow, and nothing lasts for hours."""
    lines = records_of("example", 100_000)
    times = sorted(map(int, re.findall(rb'"response_time_ms":(\d+)', lines)))
    assert 0 < times[0] < 100 < times[50_000] < 250
    assert 60_000 < times[-1] <= 240_000


def test_a_sensor_keeps_its_identity() -> None:
    """Id, model, firmware and place belong together for as long as the run lasts."""
    sensors = list(lives(records("iot_sensors"), "sensor_id"))
    for sensor in sensors:
        shown = {(r["model"], r["firmware"], json.dumps(r["location"])) for r in sensor}
        assert len(shown) == 1
        assert [r["status"] == "starting" for r in sensor] == [True] + [False] * (len(sensor) - 1)
    assert len(sensors) == 100


def test_sensors_number_their_readings_without_a_gap() -> None:
    """The gateway's sequence counts all readings in the order of their time."""
    sequences = [record["sequence"] for record in records("iot_sensors")]
    assert sequences == list(range(1, 2001))


def test_a_fault_goes_with_its_readings() -> None:
    """A broken part reads as its fault says, and reads the same until the sensor restarts."""
    broken = {"T_OPEN": ("temperature_c", -40.0), "T_SHORT": ("temperature_c", 125.0),
              "RH_OPEN": ("humidity_pct", 100.0)}  # fmt: skip
    seen: set[str] = set()
    for record in records("iot_sensors", 20_000):
        faults = record["faults"]
        assert bool(faults) == (record["status"] in {"fault", "drifting"})
        seen.update(faults)
        for name, value in (broken[fault] for fault in faults if fault in broken):
            assert record.get(name, value) == value
        if "BUS_TIMEOUT" in faults:
            assert not {"temperature_c", "humidity_pct"} & set(record)
    assert seen == {*broken, "BUS_TIMEOUT", "T_DRIFT"}


def test_a_fault_lasts_until_the_restart() -> None:
    """While a sensor is in a fault, its codes do not change; after that it warms up."""
    for sensor in lives(records("iot_sensors", 20_000), "sensor_id"):
        for previous, reading in pairwise(sensor):
            if previous["status"] == "fault":
                assert reading["status"] in {"fault", "warming_up"}
                if reading["status"] == "fault":
                    assert reading["faults"] == previous["faults"]
                else:
                    assert reading["battery_v"] >= 3.2


def test_a_payment_keeps_what_it_is_about() -> None:
    """Card, merchant, amount and currency are the same in all events of a payment."""
    own = {"time", "event_id", "event", "response_code", "response_text"}
    payments = list(lives(records("payments"), "payment_id"))
    for payment in payments:
        kept = {tuple(value for name, value in r.items() if name not in own) for r in payment}
        assert len(kept) == 1
    assert len(payments) > 400


def test_events_of_a_payment_come_in_order() -> None:
    """A capture or a void follows an authorisation, a refund a capture, an answer a request."""
    before = {
        "authorisation_requested": "declined",
        "authorised": "authorisation_requested",
        "declined": "authorisation_requested",
        "captured": "authorised",
        "voided": "authorised",
        "refunded": "captured",
    }
    seen = set()
    for payment in lives(records("payments"), "payment_id"):
        assert payment[0]["event"] == "authorisation_requested"
        for previous, event in pairwise(payment):
            assert previous["event"] == before[event["event"]]
            seen.add(event["event"])
    assert seen == set(before)


def test_nobody_tries_again_with_a_refused_card() -> None:
    """An expired, unknown or stolen card ends the payment; other refusals may be tried again."""
    followed: set[str] = set()
    codes: set[str] = set()
    for payment in lives(records("payments", 20_000), "payment_id"):
        codes |= {r["response_code"] for r in payment if r["event"] == "declined"}
        followed |= {r["response_code"] for r in payment[:-1] if r["event"] == "declined"}
    assert codes == {"51", "05", "61", "91", "54", "14", "43"}
    assert followed == {"51", "05", "61", "91"}


def test_a_card_keeps_its_brand_and_a_merchant_its_country() -> None:
    """What belongs together comes together, payment after payment."""
    found = records("payments", 20_000)
    for key, others in {
        "card_token": ("card_brand",),
        "merchant": ("merchant_category", "country", "currency"),
    }.items():
        pairs = {(r[key], *(r[other] for other in others)) for r in found}
        assert len(pairs) == len({r[key] for r in found}) > 15


def test_amounts_suit_the_merchant() -> None:
    """A hotel costs more than clothes, and clothes more than a coffee."""
    found = records("payments", 20_000)
    medians = []
    for merchant in ("Corner Coffee", "Loom & Thread", "Hotel Belvedere"):
        amounts = sorted(r["amount"] for r in found if r["merchant"] == merchant)
        medians.append(amounts[len(amounts) // 2])
    assert medians == sorted(medians)
    assert medians[2] > 4 * medians[1] > 12 * medians[0]


def test_a_ticket_goes_its_way() -> None:
    """Each begins with its opening and ends with its closing, once; what happens between is in order."""
    after = {
        "opened": {"answered", "assigned"},
        "person_requested": {"assigned"},
        "assigned": {"answered", "question_asked", "handed_over", "put_back"},
        "put_back": {"assigned"},
        "handed_over": {"answered", "question_asked", "handed_over"},
        "question_asked": {"replied", "reminder_sent"},
        "reminder_sent": {"replied", "closed"},
        "replied": {"answered", "question_asked", "handed_over", "put_back"},
        "answered": {"closed", "reopened", "person_requested"},
        "reopened": {"assigned"},
        "closed": set(),
    }
    seen: set[tuple[str, str]] = set()
    for ticket in lives(records("support_tickets", 20_000), "ticket"):
        assert [r["event"] == "opened" for r in ticket] == [True] + [False] * (len(ticket) - 1)
        seen |= {(before["event"], then["event"]) for before, then in pairwise(ticket)}
    assert seen == {(before, then) for before, nexts in after.items() for then in nexts}


def test_a_ticket_keeps_what_it_is_about_and_its_agent_until_it_is_handed_over() -> None:
    """Customer, product, priority and opening stay; agents change where somebody takes over."""
    kept = ("customer", "plan", "channel", "product", "priority", "opened")
    for ticket in lives(records("support_tickets", 20_000), "ticket"):
        assert len({tuple(r[name] for name in kept) for r in ticket}) == 1
        assert ticket[0]["opened"] == ticket[0]["time"]
        for before, then in pairwise(ticket):
            if then["event"] not in ("assigned", "handed_over"):
                assert (before["agent"], before["team"]) == (then["agent"], then["team"])
        assert all((r["rating"] is None) or r["event"] == "closed" for r in ticket)

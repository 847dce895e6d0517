"""The presets of logs hang together: what goes with what in life goes with it in the records."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from statistics import mean, median, stdev

from tests.guarantees.golden import Record, lives, records

MANY = 20_000
SHOP = "https://shop.example.com"
BOT = re.compile(r"[Bb]ot")
SCANNERS = ("203.0.113.1", "203.0.113.2")  # .128 and above have three digits; crawlers have two


def gaps(found: Iterable[Record]) -> list[float]:
    """Return the seconds from each record to the next."""
    times = [datetime.fromisoformat(record["time"]) for record in found]
    return [(after - before).total_seconds() for before, after in pairwise(times)]


def is_scanner(request: Record) -> bool:
    """Tell scanners and guessers of passwords from the rest, by their addresses."""
    return request["host"].startswith(SCANNERS) and len(request["host"]) == 13


# web_access


def test_a_page_keeps_its_size() -> None:
    """A path of the shop has one size when it is found; so have all refusals of a kind."""
    sizes = defaultdict(set)
    refusals = defaultdict(set)
    for request in records("web_access", MANY):
        if request["status"] == 200 and not request["path"].startswith(("/cart", "/check", "/th")):
            sizes[request["path"]].add(request["bytes"])
        if request["status"] >= 400:
            refusals[request["status"], request["path"] in {"/login", "/office/"}].add(
                request["bytes"]
            )
    assert {len(found) for found in sizes.values()} == {1}
    assert len(sizes) > 40
    assert refusals[404, False] == {5316}
    assert refusals[403, False] == {153}
    assert refusals[504, False] == {562}
    assert all(5316 not in found for found in sizes.values())


def test_only_304_has_no_size() -> None:
    """A browser that has the file still is told so, and gets nothing."""
    for request in records("web_access", MANY):
        assert (request["status"] == 304) == (request["bytes"] is None)


def test_referrers_lead_from_page_to_page() -> None:
    """Whoever comes from a page of the shop has asked for that page before."""
    asked: dict[str, set[str]] = defaultdict(set)
    inside = 0
    for request in records("web_access", MANY):
        referrer = request["referrer"]
        if referrer and referrer.startswith(SHOP) and request["user"] is None:
            assert referrer.removeprefix(SHOP) in asked[request["host"]]
            inside += 1
        asked[request["host"]].add(request["path"])
    assert inside > MANY / 3


def test_a_crawler_keeps_a_crawlers_pace() -> None:
    """Its name comes with an even pace of four seconds, robots.txt and no referrers."""
    found = [r for r in records("web_access", 5000, 1) if BOT.search(r["user_agent"] or "")]
    assert {request["host"][:10] for request in found} == {"203.0.113."}
    assert {request["referrer"] for request in found} == {None}
    crawls = "".join("R" if r["path"] == "/robots.txt" else "." for r in found).split("R")
    assert crawls[0] == ""
    assert len(crawls) > 10
    paces = [
        gap
        for (_, after), gap in zip(pairwise(found), gaps(found), strict=True)
        if after["path"] != "/robots.txt"
    ]
    assert 3.9 < mean(paces) < 4.1
    assert stdev(paces) < 0.5


def test_people_are_slower_than_scanners() -> None:
    """Scanners ask seven times a second for what is not there; nobody reads that fast."""
    found = records("web_access", MANY)
    scanning = [request for request in found if is_scanner(request)]
    probes = [r for r in scanning if r["path"] != "/login"]
    refused = sum(request["status"] in {403, 404, 405} for request in probes)
    assert refused > 0.9 * len(probes) > 200
    assert median(gap for probe in lives(probes, "host") for gap in gaps(probe)) < 0.2
    pages = [
        r for r in found
        if not r["host"].startswith("203.0.113.") and r["path"].startswith(("/c/", "/search"))
    ]  # fmt: skip
    assert median(gap for life in lives(pages, "host") for gap in gaps(life)) > 5


def test_guessers_of_passwords_are_refused() -> None:
    """Nearly all that they post is answered with 401, or 429 when it is too much."""
    statuses = Counter(r["status"] for r in records("web_access", MANY) if r["path"] == "/login")
    assert statuses[401] > 10 * statuses[429] > 0
    assert statuses[303] <= 3


def test_a_user_was_asked_for_a_password_first() -> None:
    """The office is open to those who were refused once."""
    refused = set()
    names = Counter[str]()
    for request in records("web_access", MANY):
        if request["status"] == 401 and request["path"] == "/office/":
            refused.add(request["host"])
        if request["user"]:
            assert request["host"] in refused
            names[request["user"]] += 1
    assert set(names) == {"anna", "jonas", "mwende"}


# vpc_flow_logs


def flows() -> list[Record]:
    """Return the flows that were seen."""
    return [flow for flow in records("vpc_flow_logs", MANY) if flow["log_status"] == "OK"]


def test_packets_and_bytes_fit() -> None:
    """No packet is smaller than its headers or larger than a frame."""
    for flow in flows():
        least = {6: 40, 17: 28, 1: 28}[flow["protocol"]]
        assert least * flow["packets"] <= flow["bytes"] <= 1500 * flow["packets"]


def test_a_flow_is_told_within_a_minute() -> None:
    """`end` is the time of the record, and one interval follows the other without a gap."""
    for flow in records("vpc_flow_logs", MANY):
        assert flow["end"] == flow["time"]
        assert 0 <= gaps([{"time": flow["start"]}, {"time": flow["end"]}])[0] <= 60
    intervals = defaultdict(list)
    for flow in flows():
        if flow["packets"] >= 3000:
            intervals[flow["dstaddr"], flow["dstport"]].append((flow["start"], flow["end"]))
    followed = [pair for each in intervals.values() for pair in pairwise(each)]
    assert len(followed) > 50
    assert all(before[1] == after[0] for before, after in followed)


def test_what_is_accepted_is_answered_and_what_is_refused_is_not() -> None:
    """The answer swaps addresses and ports, in the same interval."""
    seen = Counter(
        (f["interface_id"], f["srcaddr"], f["srcport"], f["dstaddr"], f["dstport"], f["end"])
        for f in flows()
    )
    answered = refused = 0
    for flow in flows()[:-100]:
        back = (
            flow["interface_id"], flow["dstaddr"], flow["dstport"],
            flow["srcaddr"], flow["srcport"], flow["end"],
        )  # fmt: skip
        if flow["action"] == "REJECT":
            refused += 1
            assert back not in seen
        elif flow["packets"] < 400:
            answered += 1
            assert back in seen
    assert answered > MANY / 2
    assert refused > MANY / 20


def test_refused_are_scanners_on_ports_that_are_closed() -> None:
    """A SYN or a few, of many ports, from addresses that do nothing else."""
    refused = [flow for flow in flows() if flow["action"] == "REJECT"]
    assert {flow["srcaddr"].startswith(SCANNERS) for flow in refused} == {True}
    assert max(flow["packets"] for flow in refused) == 3
    assert {flow["bytes"] / flow["packets"] for flow in refused} == {40, 44, 60}
    assert {22, 23, 445, 3389} < {flow["dstport"] for flow in refused}
    assert 443 not in {flow["dstport"] for flow in refused}
    busiest = max(lives(refused, "srcaddr"), key=len)
    assert median(gaps(busiest)) < 1


def test_an_interface_has_one_address() -> None:
    """Each flow has the address of its interface on one side, and quiet intervals have none."""
    addresses: dict[str, set[str]] = {}
    for flow in flows():
        both = {flow["srcaddr"], flow["dstaddr"]}
        addresses[flow["interface_id"]] = addresses.get(flow["interface_id"], both) & both
    assert {len(found) for found in addresses.values()} == {1}
    quiet = [f for f in records("vpc_flow_logs", MANY) if f["log_status"] != "OK"]
    assert {flow["log_status"] for flow in quiet} == {"NODATA", "SKIPDATA"}
    assert not any("srcaddr" in flow or "action" in flow for flow in quiet)


# ssh_auth


def test_a_connection_keeps_its_process() -> None:
    """From first to last line of a pid, host, port and address are the same."""
    for life in lives(records("ssh_auth", MANY), "pid"):
        for connection in lives(life, "port"):
            assert len({(line["host"], line["source"]) for line in connection}) == 1


def test_what_is_opened_is_closed_by_its_process() -> None:
    """Accepted, opened, disconnected, closed: in this order, and not without the one before."""
    found = sorted(records("ssh_auth", MANY), key=lambda r: (r["host"], r["pid"], r["port"]))
    closed = 0
    for before, after in pairwise(found):
        if after["event"] == "session_closed":
            closed += 1
            assert before["event"] in {"disconnected", "session_opened"}
            assert (before["pid"], before["user"]) == (after["pid"], after["user"])
        if after["event"] == "session_opened":
            assert before["event"] in {"accepted_publickey", "accepted_password"}
    assert closed > 300


def test_an_account_keeps_number_key_and_address() -> None:
    """A colleague comes from the same desk, with the same key."""
    known = defaultdict(set)
    for line in records("ssh_auth", MANY):
        if line["event"] == "accepted_publickey":
            known[line["user"]].add((line["source"], line["key"]))
    assert {len(found) for found in known.values()} == {1}
    assert len(known) == 8


def test_brute_force_is_many_failures_from_one_address() -> None:
    """Tens of connections, seconds apart, most under names that do not exist; colleagues fail once."""
    failures = [r for r in records("ssh_auth", MANY) if r["event"] == "failed_password"]
    attacks = [r for r in failures if r["source"].startswith("203.0.113.")]
    by_source = list(lives(attacks, "source"))
    assert max(map(len, by_source)) > 100
    assert median(gap for attack in by_source for gap in gaps(attack)) < 10
    assert len(failures) - len(attacks) < len(attacks) / 50
    for attack in by_source:
        if len(attack) > 20:
            assert len({line["pid"] for line in attack}) > len(attack) / 4
            assert len({line["user"] for line in attack}) > 3
    assert "root" in {line["user"] for line in attacks}


# syslog_app


def test_pri_is_facility_and_severity() -> None:
    """Eight times the one, plus the other."""
    facility = {"daemon": 3, "cron": 9, "local0": 16, "local1": 17, "local2": 18}
    severity = {"crit": 2, "err": 3, "warning": 4, "notice": 5, "info": 6, "debug": 7}
    seen = set()
    for line in records("syslog_app", MANY):
        assert line["pri"] == facility[line["facility"]] * 8 + severity[line["severity"]]
        seen.add(line["severity"])
    assert seen == set(severity)


def test_trouble_with_the_database_has_a_beginning_and_an_end() -> None:
    """A process that lost it tries every five seconds, serves nobody, and has it back in the end."""
    begun = 0
    for process in lives(records("syslog_app", MANY), "pid"):
        if process[0]["app"] != "shop-web":
            continue
        for before, after in pairwise(process):
            if before["msgid"] in {"DBLOST", "DBRETRY"}:
                begun += 1
                assert after["msgid"] in {"DBRETRY", "DBBACK"}
                assert 4.5 < gaps([before, after])[0] < 5.5
    assert begun > 20


def test_a_slow_request_says_so() -> None:
    """Severity, message and duration agree."""
    durations = defaultdict(list)
    for line in records("syslog_app", MANY):
        if "request" in line:
            durations[line["msgid"]].append(line["duration_ms"])
    assert median(durations["REQUEST"]) < 100
    assert min(durations["SLOW"]) >= 2000
    assert min(durations["FAILED"]) > 29_000


# kubernetes_json


def test_a_trace_joins_its_services() -> None:
    """Each span but the gateway's has its caller in the trace, which takes longer and ends later."""
    found = records("kubernetes_json", MANY)
    whole = 0
    for trace in lives(found[:-200], "trace_id"):
        spans = {line["span_id"]: line for line in trace}
        assert len(spans) == len(trace)
        if "gateway" not in {line["service"] for line in trace}:
            continue  # still under way at the end
        whole += 1
        for line in trace:
            parent = line.get("parent_span_id")
            assert (parent is None) == (line["service"] == "gateway")
            if parent is not None:
                assert spans[parent]["duration_ms"] > line["duration_ms"]
                assert spans[parent]["time"] >= line["time"]
        assert sum(gaps(trace)) * 1000 <= trace[-1]["duration_ms"]
    assert whole > 6000


def test_a_pod_belongs_to_its_service() -> None:
    """Its name begins with the service's; namespace and node stay."""
    pods = defaultdict(set)
    for line in records("kubernetes_json", MANY):
        place = line["kubernetes"]
        assert place["pod"].startswith(f"{line['service']}-")
        pods[place["pod"]].add((place["namespace"], place["node"], line["service"]))
    assert {len(found) for found in pods.values()} == {1}
    assert len(pods) == 14


def test_a_failure_passes_through_the_gateway() -> None:
    """What fails inside is a 502 or 503 outside, and is nowhere told as a success."""
    failures = set()
    for trace in lives(records("kubernetes_json", MANY)[:-200], "trace_id"):
        if any("error" in line for line in trace):
            failures.add(trace[-1]["http"]["status"])
            assert {line["level"] for line in trace} <= {"error", "debug"}
        elif trace[-1]["service"] == "gateway":
            assert trace[-1]["http"]["status"] < 500
    assert failures == {502, 503}


# dns_queries


def test_a_name_has_its_number_of_addresses() -> None:
    """However often it is asked for; and without an answer there are none."""
    answers = defaultdict(set)
    for query in records("dns_queries", MANY):
        if query["type"] in {"A", "AAAA", "HTTPS"} and query["rcode"] == "NOERROR":
            answers[query["name"], query["type"]].add(query["answers"])
        assert query["rcode"] == "NOERROR" or query["answers"] == 0
    assert {len(found) for found in answers.values()} == {1}
    assert len(answers) > 60


def test_an_infected_machine_stands_out() -> None:
    """Two names a second that do not exist, evenly, from few clients; mistakes are rare."""
    odd = re.compile(r"[a-z]{11,17}\.(test|example|invalid)")
    made_up = [
        q for q in records("dns_queries", MANY)
        if q["rcode"] == "NXDOMAIN" and odd.fullmatch(q["name"])
    ]  # fmt: skip
    busiest = max(lives(made_up, "client"), key=len)
    assert len({query["client"] for query in made_up}) < 12
    assert len(busiest) > 60
    assert 0.45 < median(gaps(busiest)) < 0.55


def test_a_device_reports_to_the_second() -> None:
    """Once a minute, under one name."""
    paces = [
        gaps([before, after])[0]
        for before, after in pairwise(records("dns_queries", 5000, 1))
        if before["client"] == after["client"] and after["client"].startswith("198.18.40.")
    ]
    assert len(paces) > 50
    assert all(59.8 < pace < 60.2 for pace in paces)


# payments


def test_card_testing_is_many_cards_on_few_devices() -> None:
    """Tiny amounts, a new card each time, mostly declined, a second or two apart, never captured."""
    found = records("payments", MANY)
    fraud = [r for r in found if r["client_ip"].startswith("203.0.113.")]
    tests = [r for r in fraud if r["event"] == "authorisation_requested"]
    assert len(tests) > 100
    assert len({r["card_token"] for r in tests}) == len(tests)
    assert len({r["device"] for r in tests}) <= 6
    assert max(r["amount"] for r in tests) <= 3
    assert {r["event"] for r in fraud} == {"authorisation_requested", "authorised", "declined"}
    declined = sum(r["event"] == "declined" for r in fraud)
    assert 0.8 < declined / len(tests) < 0.92
    attacks = list(lives(tests, "device"))
    assert median(gap for attack in attacks for gap in gaps(attack)) < 2
    honest = [r for r in found if not r["client_ip"].startswith("203.0.113.")]
    cards = {r["device"]: r["card_token"] for r in honest}
    assert len(cards) > 2000
    assert not cards.keys() & {r["device"] for r in fraud}

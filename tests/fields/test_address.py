"""Addresses of a number or of ranges, through the whole program."""

from collections import Counter
from ipaddress import ip_address, ip_network

import pytest

from tests.support.fields import columns, firsts, ranges, refusal, values
from tests.support.machines import Spec, constant


def test_address_is_the_number_of_the_distribution() -> None:
    """A whole number is an IPv4 address, held between 0.0.0.0 and 255.255.255.255."""
    numbers = {
        0: "0.0.0.0", 3232235777: "192.168.1.1", 2**32 - 1: "255.255.255.255", 256.5: "0.0.1.1",
    }  # fmt: skip
    fields = [{"type": "ipaddress", "distribution": constant(number)} for number in numbers]
    wild = {"type": "ipaddress", "distribution": {"type": "normal", "mean": 0, "stddev": 1e300}}
    assert firsts(*fields) == list(numbers.values())
    assert set(values(wild)) == {"0.0.0.0", "255.255.255.255"}


CIDRS: list[str | list[str]] = [
    "10.0.0.7/32", "10.0.0.254/31", "0.0.0.0/30", "255.255.255.252/30",
    ["10.0.0.0/30", "192.168.3.9/32"], ["10.0.0.0/31", "10.0.0.0/32"], ["10.0.0.2/31", "10.0.0.0/31"],
    "2001:db8::/126", "::/127", "::1/128", ["2001:db8::/127", "ff00::/127", "fe80::7/128"],
]  # fmt: skip


def test_every_address_of_the_ranges_is_as_likely() -> None:
    """IPv4 and IPv6, one range or several, also where they overlap."""
    found = columns(*(ranges(cidr) for cidr in CIDRS), n=3000)
    for cidr, column in zip(CIDRS, found, strict=True):
        networks = [ip_network(each) for each in ([cidr] if isinstance(cidr, str) else cidr)]
        addresses = {str(address) for network in networks for address in network}
        counts = Counter(column)
        assert set(counts) == addresses
        assert all(abs(count - 3000 / len(addresses)) < 150 for count in counts.values())


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "172.16.0.0/12", "2001:db8::/32", "::/0", "::/64"])
def test_addresses_of_a_wide_range_differ(cidr: str) -> None:
    """They fill their range, lie within it, and are written in their shortest form."""
    found = [ip_address(text) for text in values(ranges(cidr))]
    network = ip_network(cidr)
    assert all(address in network for address in found)
    assert len(set(found)) == 200
    shares = sorted((int(each) - int(network[0])) / network.num_addresses for each in found)
    assert shares[0] < 0.05
    assert shares[-1] > 0.95


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, 'either "distribution" or "cidr"'),
        ({"cidr": "10.0.0.0/8", "distribution": constant(1)}, 'either "distribution" or "cidr"'),
        ({"cidr": ["10.0.0.0/8", "::/64"]}, "ranges of either IPv4 or IPv6, not both"),
        ({"cidr": []}, "expected at least one range"),
        ({"cidr": "10.0.0.1/8"}, '"10.0.0.1/8"'),
        ({"cidr": ["10.0.0.0/8", 7]}, "cidr[1]: "),
        ({"distribution": constant(-1)}, "expected a number from 0 to 4294967295, not -1"),
    ],
)
def test_wrong_addresses_are_refused(keys: Spec, message: str) -> None:
    """What is no range, or not one kind of them, is told on load."""
    assert message in refusal({"type": "ipaddress", **keys})

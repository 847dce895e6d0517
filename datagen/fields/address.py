"""The field type `ipaddress`: IPv4 and IPv6 addresses."""

from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_network
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits
from datagen.columns.column import Column
from datagen.columns.scalar import AddressColumn, TextColumn
from datagen.distributions.parsing import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField, PossibleValues
from datagen.fields.numbers import validate_range
from datagen.randomness import below, below_wide
from datagen.validation import quoted

IPV4 = range(1 << 32)
Network = IPv4Network | IPv6Network


@FIELDS.register
class IpAddressField(LimitedField):
    """An address: IPv4 from a distribution of integers, or any of `cidr`, a range or a list of them."""

    type: Literal["ipaddress"] = "ipaddress"
    distribution: AnyDistribution | None = None
    cidr: Any = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        yield from super().missing_keys(keys)
        if (keys.get("distribution") is None) == (keys.get("cidr") is None):
            yield (), 'expected either "distribution" or "cidr"'

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if self.cidr is not None:
            yield from self._validate_cidr()
        elif self.distribution is not None:
            yield from validate_range(self.distribution, IPV4)

    def values(self, draw: Draw) -> Column:
        if self.distribution is not None:
            samples, absent = draw.sampled(
                "value", self.distribution, lambda d, bits: d.sample_rounded(bits)
            )
            addresses = np.clip(samples, 0, IPV4[-1]).view(np.uint64)
            return AddressColumn(addresses).with_nulls(absent)
        bits = draw.stream("value")
        if self._version == 4:
            return self._ipv4_at(below(bits, self._count))
        return self._ipv6_at(below_wide(bits, self._count))

    def possible_values(self) -> PossibleValues | None:
        if self.cidr is None:
            return self._possible_integers()
        count = self._count
        if self._version == 4:
            return PossibleValues(count, lambda: self._ipv4_at(np.arange(count, dtype=np.uint64)))
        return PossibleValues(count, lambda: self._ipv6_at(list(range(count))))

    def _possible_integers(self) -> PossibleValues | None:
        integers = self.distribution.possible_integers() if self.distribution else None
        if integers is None:
            return None
        if isinstance(integers, range):
            count = integers[-1] - integers[0] + 1
            return PossibleValues(count, lambda: AddressColumn(np.array(integers, dtype=np.uint64)))
        clipped = {min(max(value, 0), IPV4[-1]): weight for value, weight in integers.items()}
        values, weights = np.array(list(clipped), np.uint64), np.array(list(clipped.values()))
        return PossibleValues(len(clipped), lambda: AddressColumn(values), weights)

    def _validate_cidr(self) -> Iterator[tuple[Path, str]]:
        texts = self.cidr if isinstance(self.cidr, list) else [self.cidr]
        versions, wrong = set(), False
        for place, text in enumerate(texts):
            path = ("cidr", place) if isinstance(self.cidr, list) else ("cidr",)
            try:
                versions.add(ip_network(_require_text(text)).version)
            except ValueError:
                wrong = True
                hint = _network_hint(text)
                yield path, f"expected a range such as 10.0.0.0/8, not {quoted(text)}{hint}"
        if len(versions) > 1:
            yield ("cidr",), "expected ranges of either IPv4 or IPv6, not both"
        elif not versions and not wrong:
            yield ("cidr",), "expected at least one range"

    @cached_property
    def _networks(self) -> list[Network]:
        texts = self.cidr if isinstance(self.cidr, list) else [self.cidr]
        return list(collapse_addresses([ip_network(text) for text in texts]))  # type: ignore[type-var]

    @property
    def _version(self) -> int:
        return self._networks[0].version

    @cached_property
    def _count(self) -> int:
        """Return how many addresses the ranges hold."""
        return sum(network.num_addresses for network in self._networks)

    @cached_property
    def _cumulative_counts(self) -> list[int]:
        """Return how many addresses the ranges hold up to and including each."""
        ends, total = [], 0
        for network in self._networks:
            total += network.num_addresses
            ends.append(total)
        return ends

    def _ipv4_at(self, offsets: Bits) -> Column:
        """Return the IPv4 address at each offset into the ranges, one after the other: uint64[n]."""
        ends = np.array(self._cumulative_counts, dtype=np.uint64)
        shifts = [
            int(network[-1]) + 1 - end
            for network, end in zip(self._networks, self._cumulative_counts, strict=True)
        ]
        ranges = np.searchsorted(ends, offsets, side="right")
        return AddressColumn((offsets.view(np.int64) + np.array(shifts)[ranges]).view(np.uint64))

    def _ipv6_at(self, offsets: list[int]) -> Column:
        """Return the IPv6 address at each offset, in the short form of the standard library."""
        texts = {}
        for offset in set(offsets):
            place = next(place for place, end in enumerate(self._cumulative_counts) if offset < end)
            last = int(self._networks[place][-1])
            texts[offset] = str(IPv6Address(last + 1 - self._cumulative_counts[place] + offset))
        return TextColumn(pa.array([texts[offset] for offset in offsets], pa.string()))


def _network_hint(text: Any) -> str:
    """Return the hint for an address inside a network that is written in place of the network."""
    try:
        return f"; did you mean {quoted(str(ip_network(_require_text(text), strict=False)))}?"
    except ValueError:
        return ""


def _require_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - reported like any other wrong range
    return value

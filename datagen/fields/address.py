"""IP addresses."""

from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_network
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits
from datagen.columns.column import AddressColumn, Column, TextColumn
from datagen.distributions.base import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, Draw, LimitedField, Support
from datagen.fields.numbers import possible_wholes
from datagen.randomness import below, below_wide
from datagen.validation import quoted

IPV4 = range(1 << 32)
Network = IPv4Network | IPv6Network


@FIELDS.register
class IpAddressField(LimitedField):
    """An address: IPv4 from a distribution over integers, or any of `cidr`, a range or a list."""

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
            yield from self._cidr_mistakes()
        elif self.distribution is not None:
            yield from possible_wholes(self.distribution, IPV4)

    def values(self, draw: Draw) -> Column:
        bits = draw.stream("value")
        if self.distribution is not None:
            return AddressColumn(
                np.clip(self.distribution.sample_rounded(bits), 0, IPV4[-1]).view(np.uint64)
            )
        if self._version == 4:
            return AddressColumn(self._located(below(bits, self._size)))
        return self._spelled(below_wide(bits, self._size))

    def support(self) -> Support | None:
        if self.cidr is None:
            return self._support_of_distribution()
        if self._version == 4:
            return Support(self._size, self._every_ipv4)
        return Support(self._size, lambda: self._spelled(list(range(self._size))))

    def _every_ipv4(self) -> Column:
        return AddressColumn(self._located(np.arange(self._size, dtype=np.uint64)))

    def _support_of_distribution(self) -> Support | None:
        wholes = self.distribution.possible_integers() if self.distribution else None
        if wholes is None:
            return None
        if isinstance(wholes, range):
            size = wholes[-1] - wholes[0] + 1
            return Support(size, lambda: AddressColumn(np.array(wholes, dtype=np.uint64)))
        chances = {min(max(value, 0), IPV4[-1]): weight for value, weight in wholes.items()}
        weights = np.array(list(chances.values()))
        values = np.array(list(chances), dtype=np.uint64)
        return Support(len(chances), lambda: AddressColumn(values), weights)

    def _cidr_mistakes(self) -> Iterator[tuple[Path, str]]:
        texts = self.cidr if isinstance(self.cidr, list) else [self.cidr]
        versions, found = set(), False
        for place, text in enumerate(texts):
            path = ("cidr", place) if isinstance(self.cidr, list) else ("cidr",)
            try:
                versions.add(ip_network(_text(text)).version)
            except ValueError:
                found = True
                hint = _whole_range(text)
                yield path, f"expected a range such as 10.0.0.0/8, not {quoted(text)}{hint}"
        if len(versions) > 1:
            yield ("cidr",), "expected ranges of either IPv4 or IPv6, not both"
        elif not versions and not found:
            yield ("cidr",), "expected at least one range"

    @cached_property
    def _networks(self) -> list[Network]:
        texts = self.cidr if isinstance(self.cidr, list) else [self.cidr]
        return list(collapse_addresses([ip_network(text) for text in texts]))  # type: ignore[type-var]

    @property
    def _version(self) -> int:
        return self._networks[0].version

    @cached_property
    def _size(self) -> int:
        return sum(network.num_addresses for network in self._networks)

    @cached_property
    def _ends(self) -> list[int]:
        ends, total = [], 0
        for network in self._networks:
            total += network.num_addresses
            ends.append(total)
        return ends

    def _located(self, offsets: Bits) -> Bits:
        """Return the IPv4 address at each offset into the ranges put one after the other."""
        ends = np.array(self._ends, dtype=np.uint64)
        shifts = [
            int(network[-1]) + 1 - end
            for network, end in zip(self._networks, self._ends, strict=True)
        ]
        ranges = np.searchsorted(ends, offsets, side="right")
        located: Bits = (offsets.view(np.int64) + np.array(shifts)[ranges]).view(np.uint64)
        return located

    def _spelled(self, offsets: list[int]) -> Column:
        """Write the IPv6 address at each offset; the standard library knows the short form."""
        texts = {}
        for offset in set(offsets):
            place = next(place for place, end in enumerate(self._ends) if offset < end)
            last = int(self._networks[place][-1])
            texts[offset] = str(IPv6Address(last + 1 - self._ends[place] + offset))
        return TextColumn(pa.array([texts[offset] for offset in offsets], pa.string()))


def _whole_range(text: Any) -> str:
    """Return the hint for an address within a range, which is written where the range was meant."""
    try:
        return f"; did you mean {quoted(str(ip_network(_text(text), strict=False)))}?"
    except ValueError:
        return ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - reported like any other wrong range
    return value

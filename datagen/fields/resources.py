"""The field types `domain`, `url` and `file_path`: where things might be found, made of words."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
from pydantic import AfterValidator
from pydantic import Field as Key

from datagen.arrays import Bits, Ints, TextArray
from datagen.columns.column import Column
from datagen.columns.joined import JoinedColumn
from datagen.columns.pieces import Part, Piece
from datagen.distributions.base import Distribution
from datagen.distributions.parsing import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField
from datagen.fields.text import (
    draws_of_characters,
    joined,
    mean_length,
    sampled_lengths,
    validate_length,
)
from datagen.randomness import below, redraw
from datagen.validation import at_least_one, invalid_value, quoted

MAX_DEPTH = 100
_RESERVED = ("example", "example.com", "example.net", "example.org")  # nobody's: RFC 2606
_FILES = ("csv", "docx", "jpg", "json", "log", "pdf", "png", "txt", "xlsx", "zip")
_NAMES = """
    amber apex arctic aspen atlas aurora autumn beacon birch blue bold breeze bridge bright calm canyon cedar cherry cider clear cliff cloud clover
    cobalt copper coral cosmic crane creek crystal dawn delta desert drift dune eagle early east echo elm ember evergreen falcon fern field fir flint
    forest fox frost garden glacier golden granite green grove harbor hawk hazel heron hill hollow honey horizon indigo iron island ivy jade juniper
    kite lake lantern laurel lemon light lime linden lotus lunar lynx maple marble meadow mellow mint misty moon moss north nova oak ocean olive onyx
    opal orchard otter owl pacific palm pearl pebble pine pioneer plum polar prairie quartz quiet rain raven red reef ridge river robin rose ruby sage
    sand scarlet shadow silver sky snow solar south spark spring spruce star stone storm summer summit sun swift terra thistle tide timber topaz trail
    tulip valley velvet violet walnut wave west wild willow wind winter wolf wren zephyr
""".split()  # noqa: SIM905 - words
_PAGES = """
    about account api archive articles assets blog books brands brochure careers cart catalog categories chat checkout collections community company contact
    courses dashboard deals delivery demo departments docs downloads events explore faq features feed feedback forum gallery gifts groups guide help history
    home images inbox invoices items jobs latest legal library login lists maps media members messages mobile music news newsletter notes offers orders
    overview partners payments photos plans popular posts press pricing privacy products profile projects questions recipes register releases reports
    returns reviews rewards sale search services settings share shop sitemap status stores stories subscriptions support tags teams terms themes tickets
    topics tours updates users v1 v2 videos wishlist
""".split()  # noqa: SIM905 - words
_FOLDERS = """
    accounts archive assets audit backup billing budget clients contracts current customers data daily design documents downloads drafts exports finance
    forms images imports incoming internal invoices legal logs marketing media meetings monthly notes old orders outgoing personal photos plans
    private processed products projects public quarterly reports research sales scans shared staging support team templates temp tests training travel
    uploads vendors videos weekly work
""".split()  # noqa: SIM905 - words
_STEMS = """
    agenda analysis balance brief calendar catalog checklist contract cover customers dashboard details draft estimate export figures forecast guide
    image index inventory invoice items journal layout letter list log logo manual map memo minutes notes offer order overview payments photo plan
    presentation prices proposal receipt record report request results review sales scan schedule sheet sketch statement stock summary survey table
    ticket timesheet totals transactions update
""".split()  # noqa: SIM905 - words
_SYMBOLS = {
    words: [f"/{word}".encode() for word in own]
    for words, own in (("pages", _PAGES), ("folders", _FOLDERS))
}


def _text_like(form: str, what: str) -> AfterValidator:
    """Return what refuses all texts but those of a form; `what` is that in words."""

    def check(value: str) -> str:
        if not re.fullmatch(form, value):
            raise invalid_value(f"expected {what}, not {quoted(value)}")
        return value

    return AfterValidator(check)


_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_Tld = Annotated[str, _text_like(rf"{_LABEL}(\.{_LABEL})*", 'a name such as "com" or "co.uk"')]
_Scheme = Annotated[str, _text_like("[a-z][a-z0-9+.-]*", 'a scheme such as "https"')]
_Extension = Annotated[
    str, _text_like("[A-Za-z0-9_~-][A-Za-z0-9._~-]*", 'an extension such as "csv" or "tar.gz"')
]


@FIELDS.register
class DomainField(LimitedField):
    """The name of a host: one word or two below one of the `tlds`."""

    type: Literal["domain"] = "domain"
    tlds: Annotated[list[_Tld], at_least_one("name")] = Key(default=[*_RESERVED])

    def values(self, draw: Draw) -> Column:
        return JoinedColumn(_domains(draw.stream("value"), self._endings), len(draw))

    def mean_characters(self) -> float:
        return 2 + _mean_domain(self.tlds)

    @cached_property
    def _endings(self) -> TextArray:
        return _after(".", self.tlds)


@FIELDS.register
class UrlField(LimitedField):
    """The address of a page: one of the `schemes`, such a domain, and a path of so many parts, its `depth`."""

    type: Literal["url"] = "url"
    schemes: Annotated[list[_Scheme], at_least_one("scheme")] = Key(default=["https"])
    tlds: Annotated[list[_Tld], at_least_one("name")] = Key(default=[*_RESERVED])
    depth: AnyDistribution | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from _depth_problems(self.depth)

    def values(self, draw: Draw) -> Column:
        first = draw.stream("value")
        depths = below(redraw(first, 5), 4).view(np.int64)
        absent = None
        if self.depth is not None:
            depths, absent = sampled_lengths(self.depth, draw, MAX_DEPTH)
        schemes = Piece(self._schemes, _places(first, 4, len(self.schemes)))
        root = Piece(pa.array(["", "/"]), (depths == 0).astype(np.int64))
        path = Piece(_segments("pages", redraw(first, 6), depths))
        parts = [schemes, *_domains(first, self._endings), root, path]
        return JoinedColumn(parts, len(draw)).with_nulls(absent)

    def mean_characters(self) -> float:
        schemes = sum(map(len, self.schemes)) / len(self.schemes)
        return 5 + schemes + _mean_domain(self.tlds) + 8 * _mean_depth(self.depth, 1.5)

    @cached_property
    def _endings(self) -> TextArray:
        return _after(".", self.tlds)

    @cached_property
    def _schemes(self) -> TextArray:
        return pa.array([f"{scheme}://" for scheme in self.schemes])


@FIELDS.register
class FilePathField(LimitedField):
    """The path of a file in so many folders, its `depth`, whose name ends in one of the `extensions`."""

    type: Literal["file_path"] = "file_path"
    depth: AnyDistribution | None = None
    extensions: Annotated[list[_Extension], at_least_one("extension")] = Key(default=[*_FILES])

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from _depth_problems(self.depth)

    def values(self, draw: Draw) -> Column:
        first = draw.stream("value")
        depths = 1 + below(redraw(first, 4), 4).view(np.int64)
        absent = None
        if self.depth is not None:
            depths, absent = sampled_lengths(self.depth, draw, MAX_DEPTH)
        numbers = np.maximum(_places(first, 2, 199) - 99, 0)  # every other file has none
        parts: list[Part] = [
            Piece(_segments("folders", redraw(first, 5), depths)),
            "/",
            Piece(_lasting("stems"), _places(first, 1, len(_STEMS))),
            Piece(_lasting("numbers"), numbers),
            Piece(self._endings, _places(first, 3, len(self.extensions))),
        ]
        return JoinedColumn(parts, len(draw)).with_nulls(absent)

    def mean_characters(self) -> float:
        endings = sum(map(len, self.extensions)) / len(self.extensions)
        return 12 + endings + 9 * _mean_depth(self.depth, 2.5)

    @cached_property
    def _endings(self) -> TextArray:
        return _after(".", self.extensions)


def _domains(first: Bits, endings: TextArray) -> list[Part]:
    """Return the pieces of domains, given a draw for each and their endings: a quarter has one word, a quarter a hyphen."""
    count = len(_NAMES)
    names = below(first, count).view(np.int64)
    forms = below(redraw(first, 1), 4).view(np.int64)
    others = (names + 1 + _places(first, 2, count - 1)) % count  # no word twice
    seconds = 1 + others + count * (forms == 1)
    return [
        Piece(_lasting("names"), names),
        Piece(_lasting("second names"), np.where(forms == 0, 0, seconds)),
        Piece(endings, _places(first, 3, len(endings))),
    ]


def _segments(words: str, first: Bits, depths: Ints) -> TextArray:
    """Return paths of so many words, each behind a slash, given a draw for each path: uint64[n], int64[n] -> n."""
    symbols = _SYMBOLS[words]
    places = below(draws_of_characters(first, depths), len(symbols)).view(np.int64)
    return joined(symbols, places, depths)


def _places(first: Bits, step: int, count: int) -> Ints:
    """Return one of so many places, by a draw that follows from a first one: uint64[n] -> int64[n]."""
    return below(redraw(first, step), count).view(np.int64)


@lru_cache(maxsize=4)
def _lasting(what: str) -> TextArray:
    """Return texts that many pieces are taken from."""
    match what:
        case "names":
            texts = _NAMES
        case "second names":
            texts = ["", *_NAMES, *(f"-{name}" for name in _NAMES)]
        case "stems":
            texts = _STEMS
        case _:
            texts = ["", *(f"_{number:02}" for number in range(1, 100))]
    return pa.array(texts, pa.string())


def _after(mark: str, texts: Sequence[str]) -> TextArray:
    return pa.array([mark + text for text in texts], pa.string())


def _mean_domain(tlds: Sequence[str]) -> float:
    return 12 + sum(map(len, tlds)) / len(tlds)


def _mean_depth(depth: Distribution | None, default: float) -> float:
    return default if depth is None else mean_length(depth, MAX_DEPTH)


def _depth_problems(depth: Distribution | None) -> Iterator[tuple[Path, str]]:
    if depth is not None:
        yield from validate_length(depth, MAX_DEPTH, "depth")

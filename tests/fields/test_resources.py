"""Domains, addresses of pages and paths of files, through the whole program."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from datagen.fields.resources import MAX_DEPTH
from tests.support.fields import columns, limited, refusal, uniform, values
from tests.support.machines import Spec

RESERVED = {"example", "example.com", "example.net", "example.org"}
HOST = re.compile(r"[a-z]+(?:-?[a-z]+)?\.(example(?:\.com|\.net|\.org)?)")
OFTEN_NULL = {"type": "constant", "value": {"expr": "null if remembered % 3 == 0 else 2"}}


def of_type(kind: str, **keys: object) -> Spec:
    """Return a field of a type."""
    return {"type": kind, **keys}


def test_domains_are_nobodys_unless_told() -> None:
    """Words below reserved names, or below those of `tlds`, one as likely as the other."""
    default, own = columns(of_type("domain"), of_type("domain", tlds=["com", "co.uk"]), n=400)
    found = [HOST.fullmatch(each) for each in default]
    assert {each and each[1] for each in found} == RESERVED
    assert len(set(default)) > 350
    assert 60 < sum("-" in each for each in default) < 140
    endings = Counter(each.partition(".")[2] for each in own)
    assert set(endings) == {"com", "co.uk"}
    assert min(endings.values()) > 160


def test_addresses_have_scheme_host_and_path() -> None:
    """A path of no parts is the slash."""
    default, own = columns(
        of_type("url"),
        of_type("url", schemes=["http", "ftp"], tlds=["test"], depth=uniform(0, 5)),
        n=400,
    )
    assert {urlsplit(each).scheme for each in default} == {"https"}
    assert all(HOST.fullmatch(urlsplit(each).netloc) for each in default)
    assert {urlsplit(each).scheme for each in own} == {"http", "ftp"}
    assert all(urlsplit(each).netloc.endswith(".test") for each in own)
    for found, depths in ((default, range(4)), (own, range(6))):
        paths = [urlsplit(each).path for each in found]
        assert all(re.fullmatch("/|(/[a-z0-9]+)+", each) for each in paths)
        assert {0 if each == "/" else each.count("/") for each in paths} == set(depths)


def test_files_have_folders_a_name_and_an_extension() -> None:
    """As many folders as `depth` says; every other name has a number."""
    default, flat, own = columns(
        of_type("file_path"),
        of_type("file_path", depth=0),
        of_type("file_path", depth=2.4, extensions=["tar.gz", "csv"]),
        n=400,
    )
    assert all(re.fullmatch(r"(/[a-z]+)+/[a-z]+(_\d\d)?\.[a-z]+", each) for each in default)
    assert {each.count("/") - 1 for each in default} == {1, 2, 3, 4}
    assert len({each.rpartition(".")[2] for each in default}) == 10
    assert 150 < sum("_" in each for each in default) < 250
    assert {each.count("/") for each in flat} == {1}
    assert {each.count("/") for each in own} == {3}
    assert {each.partition(".")[2] for each in own} == {"tar.gz", "csv"}


@pytest.mark.parametrize("kind", ["domain", "url", "file_path"])
def test_values_of_a_set_differ(kind: str) -> None:
    """With `cardinality` there are so many."""
    assert len(set(values(limited(of_type(kind), 30), 600))) == 30


@pytest.mark.parametrize("kind", ["url", "file_path"])
def test_depth_may_be_of_other_values(kind: str) -> None:
    """Where it is null, the text is."""
    found = values(of_type(kind, depth=OFTEN_NULL))
    slashes = {"url": 4, "file_path": 3}[kind]
    assert {None if each is None else each.count("/") for each in found} == {None, slashes}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (of_type("domain", tlds=[]), ".tlds: expected at least one name"),
        (of_type("domain", tlds=["com", ".de"]), '.tlds[1]: expected a name such as "com" or "co.uk", not ".de"'),
        (of_type("domain", tlds="com"), ".tlds: expected a list, not "),
        (of_type("url", schemes=["https://"]), '.schemes[0]: expected a scheme such as "https", not "https://"'),
        (of_type("url", schemes=[]), ".schemes: expected at least one scheme"),
        (of_type("url", depth=MAX_DEPTH + 1), f".depth: expected lengths of at most {MAX_DEPTH}"),
        (of_type("file_path", extensions=[".csv"]), '.extensions[0]: expected an extension such as "csv" or "tar.gz", not ".csv"'),
        (of_type("file_path", extensions=["a/b"]), '.extensions[0]: expected an extension such as "csv" or "tar.gz", not "a/b"'),
        (of_type("file_path", depths=1), '.depths: unknown key; did you mean "depth"?'),
    ],
)  # fmt: skip
def test_bad_resources(field: Spec, said: str) -> None:
    """What is wrong is said with its place."""
    assert f"emitters[0].dimensions[0]{said}" in refusal(field)

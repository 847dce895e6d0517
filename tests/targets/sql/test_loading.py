"""Tables that were given: columns of other types and orders, of more or fewer, and none at all."""

import pytest

from tests.support.databases import Base, enum
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, Spec

ADDRESSES: Spec = {
    **ENDING,
    "emitters": [{"name": "e", "dimensions": [enum("ip", "10.0.0.1"), enum("id", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                                              enum("n", 7), {"name": "o", "type": "object", "dimensions": [enum("x", 1)]}]}],
}  # fmt: skip
GIVEN = {
    "postgresql": 'create table e (own serial, id uuid, n numeric(8, 2), "time" timestamp, o jsonb, ip inet)',
    "duckdb": 'create table e (own integer default 5, id uuid, n decimal(8, 2), "time" timestamp, o json, ip varchar)',
    "sqlite": "create table e (own integer primary key, ID text, n numeric, time text, o text, ip text)",
}


def run(base: Base, n: int = 50, **keys: object) -> Outcome:
    """Run into a table that is there, or not."""
    flags = ("--seed", "1", "-s", "2027-03-12", "-n", str(n))
    return invoke(*flags, spec={**ADDRESSES, "target": base.target(**keys)})


@pytest.mark.parametrize("create", [True, False])
def test_columns_of_other_types_get_the_values_cast(base: Base, create: bool) -> None:
    """What the table has besides gets its default."""
    base.do(GIVEN[base.kind])
    outcome = run(base, create=create, batch_records=20)
    assert outcome.status == 0, outcome.err
    query = "select cast(ip as text) as a, cast(id as text) as b, cast(n as integer) as c, count(*) as d, count(own) as e, min(cast(o as text)) as f from e group by 1, 2, 3"
    ip = "10.0.0.1/32" if base.kind == "postgresql" else "10.0.0.1"
    ((*row, told),) = base.ask(query)
    assert row == [ip, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", 7, 50, 50]
    assert told.replace(" ", "") == '{"x":1}'


def test_columns_that_are_missing(base: Base) -> None:
    """All are named, and nothing is written."""
    base.do('create table e ("time" text, n bigint)')
    outcome = run(base)
    assert outcome.status == 1
    assert 'the table "e" lacks the columns "ip", "id", "o": add them, or' in outcome.err
    assert base.count("e") == 0


def test_table_that_is_to_be_given(base: Base) -> None:
    """It is not created where that is not wanted."""
    outcome = run(base, create=False)
    assert outcome.status == 1
    assert f'there is no table "e": create it, as --ddl {base.kind} prints it, or' in outcome.err


def test_value_that_cannot_be_cast(postgres: Base) -> None:
    """It fails as the database says it, and counts."""
    postgres.do('create table e ("time" timestamptz, ip integer, id uuid, n bigint, o json)')
    outcome = run(postgres)
    assert outcome.status == 1
    assert 'invalid input syntax for type integer: "10.0.0.1"' in outcome.err
    assert "; 0 records were delivered, 50 failed" in outcome.err

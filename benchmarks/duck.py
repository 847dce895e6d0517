"""DuckDB writes the fields of the clickstream preset: `python -m benchmarks.duck RECORDS`.

One thread, `COPY ... (FORMAT JSON)`, values by its own `random()`; no sessions and no states.
"""

import sys
from collections.abc import Sequence

import duckdb

from benchmarks.plain import COUNTRIES, DEVICES, EVENTS, KEYWORDS, LANGUAGES, PRODUCTS, REFERRERS


def query(records: int) -> str:
    """Return the statement that makes the records."""
    return f"""
        WITH drawn AS (
            SELECT range AS i, {_one_of(EVENTS)} AS event,
                   1 + floor(random() * {len(COUNTRIES)})::INT AS place
            FROM range({records})
        )
        SELECT strftime(TIMESTAMP '2027-03-12' + to_microseconds(i * 20000), '%Y-%m-%dT%H:%M:%S.%g') AS time,
               substr(md5((random() * 20000)::INT::VARCHAR), 1, 8) AS user_id,
               ({_list(COUNTRIES)})[place] AS country,
               ({_list(LANGUAGES)})[place] AS language,
               substr(md5(random()::VARCHAR), 1, 10) AS session,
               '198.18.' || floor(random() * 8)::INT || '.' || floor(random() * 256)::INT AS client_ip,
               {_one_of(DEVICES)} AS device,
               {_one_of(REFERRERS)} AS referrer,
               event,
               CASE WHEN event = 'search' THEN {_one_of(KEYWORDS)} END AS keyword,
               CASE WHEN event IN ('product', 'cart', 'purchase') THEN {_one_of(PRODUCTS)} END AS product
        FROM drawn
    """  # fmt: skip


def copy(records: int, path: str) -> None:
    """Write so many records to a file."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(f"COPY ({query(records)}) TO '{path}' (FORMAT JSON)")


def _list(values: Sequence[object]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"


def _one_of(values: Sequence[object]) -> str:
    return f"({_list(values)})[1 + floor(random() * {len(values)})::INT]"


if __name__ == "__main__":
    copy(int(sys.argv[1]), "/dev/stdout")

"""The tables of the shop fit together, as DuckDB and PostgreSQL see them after loading them as the page says."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.helpers import invoke
from tests.support.postgres import postgres_server
from tests.support.presets import page

SEEDED = ("-s", "2027-03-12", "--seed", "1", "-q")
CSV = ("-r", "4D", *SEEDED, "--csv")
FILES = {
    "shop.jsonl": ("-m", "none", "-r", "4D", *SEEDED),
    "users.csv": ("--entities", "users", *CSV),
    "products.csv": ("--entities", "products", *CSV),
}
SCHEMA, DUCKDB, POSTGRES, INSERTS = (
    each.split("```", 1)[0] for each in page("shop").split("```sql\n")[1:]
)
NONE = {  # what no row may be
    "an order without lines, or whose subtotal is not their sum": """
        select o.order_id from orders o left join order_lines l on l.order_id = o.order_id
        group by o.order_id, o.subtotal having count(l.line) = 0 or sum(l.amount) <> o.subtotal""",
    "a total that is not subtotal and shipping": """
        select 1 from orders where total <> subtotal + shipping""",
    "a line that is not price times quantity": """
        select 1 from order_lines where amount <> price * quantity""",
    "lines that are not numbered from 1": """
        select order_id from order_lines group by order_id having min(line) <> 1 or max(line) <> count(*)""",
    "a line with another price than its product": """
        select 1 from order_lines l join products p on p.id = l.product_id where l.price <> p.price""",
    "a payment of another amount than its order, or before it": """
        select 1 from payments p join orders o on o.order_id = p.order_id
        where p.amount <> o.total or p.time < o.time""",
    "an order paid twice": """
        select order_id from payments where status = 'captured' group by order_id having count(*) > 1""",
    "an order before its user is born, or from another city": """
        select 1 from orders o join users u on u.id = o.user_id where o.time < u.born or o.city <> u.city""",
    "a view of a product that there is not": """
        select 1 from page_views v left join products p on v.page = '/products/' || p.sku
        where v.page like '/products/%' and p.id is null""",
    "a buyer who has viewed nothing": """
        select 1 from orders where user_id not in (select user_id from page_views)""",
}
BACK = """select count(*) from (select user_id from page_views group by user_id
    having count(distinct cast(time as date)) > 1) as again"""
Ask = Callable[[str], int]  # a query of one number


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Make the files of four days in a folder that the server may read."""
    with tempfile.TemporaryDirectory() as name:
        for file, arguments in FILES.items():
            outcome = invoke("-c", "shop", *arguments)
            assert outcome.status == 0, outcome.err
            (Path(name) / file).write_bytes(outcome.out)
        yield Path(name)


@pytest.fixture(scope="module")
def duck(folder: Path) -> Iterator[Ask]:
    """Load the tables into DuckDB."""
    with duckdb.connect() as base:
        base.execute(f"set file_search_path = '{folder}'")
        base.execute(SCHEMA + DUCKDB + INSERTS)
        yield lambda query: base.execute(query).fetchall()[0][0]


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[Ask]:
    """Load the tables into a server of our own."""
    with postgres_server() as server:
        server.sql(SCHEMA + POSTGRES + INSERTS, folder)
        yield lambda query: int(server.sql(query, folder))


@pytest.fixture(params=["duck", "postgres"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Return what asks either database; that it has the tables says that primary and foreign keys hold."""
    asking: Ask = request.getfixturevalue(request.param)
    return asking


@pytest.mark.parametrize("what", NONE)
def test_tables_fit_together(what: str, ask: Ask) -> None:
    """To the cent, for every row."""
    assert ask(f"select count(*) from ({NONE[what]}) as bad") == 0


def test_every_record_is_in_a_table(ask: Ask, folder: Path) -> None:
    """All kinds are there, and nothing is left out."""
    tables = ("page_views", "orders", "order_lines", "payments")
    counts = [ask(f"select count(*) from {table}") for table in tables]
    assert sum(counts) == (folder / "shop.jsonl").read_bytes().count(b"\n") > 50_000
    assert min(counts) > 1000


def test_users_come_back(ask: Ask) -> None:
    """A third of those who come in four days come on more than one of them."""
    visitors = ask("select count(distinct user_id) from page_views")
    assert 0.3 < ask(BACK) / visitors < 0.4

"""One output of a run: what it writes, and what it counts."""

import io

from datagen.formats import FORMATS
from datagen.running.delivery import Delivery
from datagen.running.pipeline import Run
from datagen.running.summary import Summary
from tests.running.test_plan import plan


def delivered(rows: list[tuple[int, int]], kind: str = "json") -> tuple[bytes, Summary]:
    """Deliver some rows of the first batch of the small machine; give the bytes and the summary."""
    made, out, summary = (
        plan(format=FORMATS.parse({"type": kind}), max_records=50),
        io.BytesIO(),
        Summary(),
    )
    delivery = Delivery(made, summary)
    delivery.open(out)
    delivery.write_preface()
    batch = next(each for each in Run(made).batches() if len(each) >= 5)
    rendered = delivery.rendering.render(batch)
    for first, last in rows:
        delivery.write(batch, rendered, first, last)
    return out.getvalue(), summary


def test_rows_are_written_in_slices() -> None:
    """The bytes do not depend on how they are cut."""
    assert delivered([(0, 3), (3, 5)])[0] == delivered([(0, 5)])[0]


def test_summary_counts_what_was_delivered() -> None:
    """Records, bytes, workers, the times of the first and the last."""
    out, summary = delivered([(0, 3), (3, 3), (3, 5)])
    assert (summary.generated, summary.delivered, summary.bytes) == (5, 5, len(out))
    assert summary.text == len(out)
    assert summary.first is not None and summary.last is not None
    assert summary.first.micros <= summary.last.micros


def test_header_stands_before_the_first_record() -> None:
    """Even where there is none."""
    assert delivered([], "csv")[0].startswith(b"time")
    out, summary = delivered([(0, 5)], "csv")
    assert (
        summary.text == len(out) - len(out.partition(b"\n")[0]) - 1
    )  # which --bytes does not count
    assert delivered([])[0] == b""


def test_two_deliveries_of_one_batch_count_apart() -> None:
    """A run can have several outputs: nothing is shared between them."""
    made, batch = plan(max_records=9), next(iter(Run(plan(max_records=9)).batches()))
    outs, summaries = [io.BytesIO(), io.BytesIO()], [Summary(), Summary()]
    for rows, (out, summary) in enumerate(zip(outs, summaries, strict=True), 1):
        delivery = Delivery(made, summary)
        delivery.open(out)
        delivery.write(batch, delivery.rendering.render(batch), 0, rows)
    assert [each.delivered for each in summaries] == [1, 2]
    assert outs[1].getvalue().startswith(outs[0].getvalue())

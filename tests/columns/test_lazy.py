"""Properties that are computed once, in any number of threads."""

from threading import Event, Thread

from datagen.columns.lazy import lazy_property


class Nested:
    """Something that reads another's property while it computes its own."""

    def __init__(self) -> None:
        self.inner: Nested | None = None
        self.reached, self.go, self.computed = Event(), Event(), 0

    @lazy_property
    def one(self) -> int:
        self.computed += 1
        self.reached.set()
        assert self.go.wait(10)
        return self.inner.other + 1 if self.inner else 1

    @lazy_property
    def other(self) -> int:
        self.reached.set()
        assert self.go.wait(10)
        return self.inner.one + 1 if self.inner else 1


def test_threads_do_not_wait_for_each_other() -> None:
    """One goes from this property to that one, the other the other way round."""
    first, second = Nested(), Nested()
    first.inner, second.inner = Nested(), Nested()
    first.inner.go.set()
    second.inner.go.set()
    threads = [
        Thread(target=lambda: first.one, daemon=True),
        Thread(target=lambda: second.other, daemon=True),
    ]
    for thread in threads:
        thread.start()
    for each in (first, second):
        assert each.reached.wait(10)
    for each in (first, second):
        each.go.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_it_is_computed_once() -> None:
    """And is documented like any other."""
    made = Nested()
    made.go.set()
    assert (made.one, made.one, made.computed) == (1, 1, 1)

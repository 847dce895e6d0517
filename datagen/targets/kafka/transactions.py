"""Sends messages in transactions, each with the checkpoint of its end: exactly once.

The checkpoint is a record of its own, with the transactional id as its key, in partition 0 of a small
topic. It becomes visible together with the messages before it, or not at all. A run that goes on asks
the brokers first, which fences off a run of the same id that is still there, and then reads the last one.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from datagen.errors import TargetError
from datagen.targets.delivered import Position
from datagen.targets.kafka.checkpoint_topic import COMMITS, last_checkpoint
from datagen.targets.kafka.confluent import (
    CLOSE_TIMEOUT,
    SHORT,
    ConfluentSink,
    ConfluentTarget,
    words,
)
from datagen.targets.retry import Timing

_PART = 3  # of the time that a transaction may take, after which it is committed, whatever comes
_TAKEN_OVER = "another run with this transactional_id has taken over"


class TransactionalSink(ConfluentSink):
    """A producer whose messages are delivered when they are committed.

    `last` is the last checkpoint that the brokers have, as it was when the sink was opened.
    """

    target: ConfluentTarget

    def __init__(self, target: ConfluentTarget, timing: Timing | None = None) -> None:
        super().__init__(target, timing)
        self._since: float | None = None  # when the transaction that is open began
        self._acknowledged = self._size = 0  # messages of it, and their bytes
        self._deciding = False  # the commit has been asked for, and not been answered
        self._given_up = False  # by the client, which takes no more messages for the transaction
        self._leaving = False
        self._over = False  # the client can neither commit nor abort any more
        self._patiently(self._producer.init_transactions)
        self.last, self._commits = last_checkpoint(self.name, target, self.timing)

    def going_on(self, at: Position) -> Self:
        """Go on from a place. Raises TargetError where that is not the last one any more."""
        if at.state.get("commits", 0) != self._commits:
            raise self.error(_TAKEN_OVER)
        self.before = at.records
        return self

    def send(self, message: Any) -> None:
        if self._since is None:
            self._begin()
        super().send(message)

    def answered(self) -> int:
        return super().answered() + self._acknowledged

    def renew(self) -> None:
        """Commit before the brokers lose their patience with the transaction."""
        if self._since is not None and self._passed() > self._limit() / _PART:
            self._write_down()

    def commit(self, document: Callable[[Position], bytes]) -> None:
        if not self._deciding:  # else a signal has come meanwhile
            self._seal(document)
            self._deciding = True
        self._patiently(self._producer.commit_transaction)
        self.delivered += self._acknowledged
        self.bytes += self._size
        self._commits += 1
        self._acknowledged = self._size = 0
        self._since, self._deciding = None, False

    def check(self) -> None:
        if self._given_up and not self.reason:
            self._spoil(self._first_cause() or "the client has given the transaction up")
        super().check()

    def position(self) -> Position:
        """Return the place of the last commit."""
        return Position(self.before + self.delivered, _state(self._commits))

    def suspend(self, reached: int) -> None:
        del reached
        try:
            with suppress(TargetError):  # it is raised below, when all is counted
                if not self.reason:
                    self._write_down()
        finally:
            self._close_client()
        self.check()

    def close(self) -> None:
        self._close_client()
        self.check()

    def _write_down(self) -> None:
        """Have the run written down, which commits."""
        if self.before_rename is not None:
            self.before_rename()

    def turned_away(self, error: Exception) -> None:
        if self._code(error) in (self._errors._STATE, self._errors._FATAL):  # noqa: SLF001
            self._given_up = True  # not for what this message is
        else:
            super().turned_away(error)

    def cause(self, error: Any) -> str:
        kinds, code = self._errors, self._code(error)
        if code in (kinds._FENCED, kinds.PRODUCER_FENCED, kinds.INVALID_PRODUCER_EPOCH):  # noqa: SLF001
            return self._too_long() or _TAKEN_OVER
        return words(error)

    def _code(self, error: Any) -> int | None:
        """Return the code of what the client says; note whether it can go on after it."""
        found = error.args[0] if isinstance(error, Exception) and error.args else error
        if not isinstance(found, self._errors):
            return None
        self._over = self._over or found.fatal()
        return int(found.code())

    def _seal(self, document: Callable[[Position], bytes]) -> None:
        """Send the checkpoint of what is acknowledged, as the last message of the transaction."""
        if self._since is None:
            self._begin()
        commits = self._commits + 1
        records = self.before + self.delivered + self._acknowledged
        text = document(Position(records, _state(commits)))
        try:
            self._produce(
                self.target.checkpoints, text, self.target.transactional_id, 0,
                on_delivery=self._kept, headers={COMMITS: str(commits)},
            )  # fmt: skip
        except (self._refusal, BufferError) as error:
            self._kept(error, None)
        self.settle()
        self.check()

    def _begin(self) -> None:
        try:
            self._producer.begin_transaction()
        except self._refusal as error:
            self._spoil(self.cause(error))
            self.check()
        self._since = self.timing.monotonic()

    def _patiently(self, step: Callable[[float], object]) -> None:
        """Let the client take a step, for as long as `timeout` allows. Raises TargetError."""
        until = self.timing.monotonic() + self.target.timeout
        while True:
            try:
                step(SHORT)
            except self._refusal as error:
                found = error.args[0]
                if found.retriable() and self.timing.monotonic() < until:
                    continue
                self._over = self._over or found.retriable()
                self._spoil(self._unanswered() if found.retriable() else self.cause(error))
                self.check()
            else:
                return

    def _answered(self, error: Any, message: Any) -> None:
        if error is None:
            self._acknowledged += 1
            self._size += len(message)
        elif error.code() != self._errors._PURGE_QUEUE:  # noqa: SLF001
            self.refused(self.cause(error))
        elif not self._leaving:
            self._given_up = True

    def _kept(self, error: Any, message: Any) -> None:
        """Note what has become of a checkpoint."""
        del message
        kinds = self._errors
        if error is None or self._leaving:
            return
        if self._code(error) in (kinds._STATE, kinds._FATAL, kinds._PURGE_QUEUE):  # noqa: SLF001
            self._given_up = True
        else:
            self._spoil(f"the checkpoint in {self.target.checkpoints}: {self.cause(error)}")

    def _check_topic(self, topic: str) -> None:
        if topic == self.target.checkpoints:
            self.refused("a record has the topic of the checkpoints")
            self.check()
        super()._check_topic(topic)

    def _close_client(self) -> None:
        """Let the brokers forget what is not committed: its records have failed, if they were sent."""
        self._leaving = True
        try:
            if self._since is not None and not self._over:
                self._abort()
            super()._close_client()
        finally:
            self.failed += self._acknowledged
            self._acknowledged, self._since = 0, None

    def _abort(self) -> None:
        until = self.timing.monotonic() + CLOSE_TIMEOUT
        while self.timing.monotonic() < until:
            try:
                self._producer.abort_transaction(SHORT)
            except self._refusal as error:
                if error.args[0].code() != self._errors._TIMED_OUT:  # noqa: SLF001
                    return
            else:
                return

    def _spoil(self, reason: str) -> None:
        self.reason = self.reason or self.target.cleaned(reason)

    def _first_cause(self) -> str:
        """Ask the client why it has given a transaction up: it refuses to commit it, and says why.

        Not while it calls us: it must not be called then.
        """
        try:
            self._producer.commit_transaction(SHORT)
        except self._refusal as error:
            return self.cause(error)
        return ""

    def _too_long(self) -> str:
        """Tell of a transaction that the brokers have ended, if that is why they know it no more."""
        if self._since is None or self._passed() < self._limit():
            return ""
        return f"a transaction took more than the {self._limit():g} s of transaction.timeout.ms"

    def _unanswered(self) -> str:
        trouble = self.trouble()
        if self._since is None:
            return f"no coordinator of transactions within {self.target.timeout:g} s{trouble}"
        return (
            f"no answer to the commit within {self.target.timeout:g} s{trouble}; whether it was made, "
            "--resume will find out"
        )

    def _passed(self) -> float:
        return self.timing.monotonic() - (self._since or 0.0)

    def _limit(self) -> float:
        """Return how many seconds a transaction may take."""
        return float(self.target.configuration()["transaction.timeout.ms"]) / 1000


def _state(commits: int) -> dict[str, Any]:
    return {"commits": commits}

"""Sends messages in transactions, each with the checkpoint of its end: exactly once.

The checkpoint is a record of its own, with the transactional id as its key, in partition 0 of a small
topic. It becomes visible together with the messages before it, or not at all. A run that resumes first
initializes transactions, which fences off an older run of the same id, and then reads the last one.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from datagen.errors import TargetError
from datagen.targets.delivered import Position
from datagen.targets.kafka.base import MessageTarget
from datagen.targets.kafka.checkpoint_topic import COMMITS, CheckpointTopic
from datagen.targets.kafka.confluent_sink import CLOSE_TIMEOUT, ConfluentSink
from datagen.targets.kafka.librdkafka import POLL_TIMEOUT, client_message
from datagen.targets.retry import Timing

_COMMIT_AFTER = 3  # a transaction is committed after this part of its timeout
_TAKEN_OVER = "another run with this transactional_id has taken over"


class TransactionalSink(ConfluentSink):
    """A producer whose messages are delivered when they are committed.

    `last` is the last checkpoint that the brokers have, as it was when the sink was opened.
    """

    def __init__(
        self, target: MessageTarget, checkpoints: CheckpointTopic, timing: Timing | None = None
    ) -> None:
        super().__init__(target, timing)
        self._checkpoints = checkpoints
        self._began: float | None = None  # when the open transaction began
        self._acknowledged = self._size = 0  # messages of it, and their bytes
        self._committing = False  # the commit has been asked for, and not been answered
        self._abandoned = False  # by the client, which takes no more messages for the transaction
        self._closing = False
        self._unusable = False  # the client can neither commit nor abort any more
        self._with_retries(self._producer.init_transactions)
        self.last, self._commits = self._last_checkpoint()

    def resume_at(self, at: Position) -> Self:
        """Resume at a position. Raises TargetError where that is not the last commit any more."""
        if at.state.get("commits", 0) != self._commits:
            raise self.error(_TAKEN_OVER)
        self.records_before = at.records
        return self

    def send(self, message: Any) -> None:
        if self._began is None:
            self._begin_transaction()
        super().send(message)

    def answered_count(self) -> int:
        return super().answered_count() + self._acknowledged

    def commit_if_due(self) -> None:
        """Commit before the brokers end the transaction, which takes too long for them."""
        if (
            self._began is not None
            and self._elapsed() > self._transaction_timeout() / _COMMIT_AFTER
        ):
            self._checkpoint()

    def commit(self, document: Callable[[Position], bytes]) -> None:
        if not self._committing:  # else a signal interrupted the commit
            self._send_checkpoint(document)
            self._committing = True
        self._with_retries(self._producer.commit_transaction)
        self.delivered += self._acknowledged
        self.bytes += self._size
        self._commits += 1
        self._acknowledged = self._size = 0
        self._began, self._committing = None, False

    def raise_failure(self) -> None:
        if self._abandoned and not self.reason:
            self._fail(self._ask_reason() or "the client has given up the transaction")
        super().raise_failure()

    def position(self) -> Position:
        """Return the position of the last commit."""
        return Position(self.records_before + self.delivered, _state(self._commits))

    def suspend(self, reached: int) -> None:
        del reached
        try:
            with suppress(TargetError):  # it is raised below, when all is counted
                if not self.reason:
                    self._checkpoint()
        finally:
            self._close_client()
        self.raise_failure()

    def close(self) -> None:
        self._close_client()
        self.raise_failure()

    def _checkpoint(self) -> None:
        """Make the run write a checkpoint, which commits."""
        if self.before_rename is not None:
            self.before_rename()

    def _last_checkpoint(self) -> tuple[bytes | None, int]:
        """Return the last checkpoint of the topic, and the number of commits. Raises TargetError."""
        try:
            return self._checkpoints.last(self.timing)
        except (self._refusal, OSError) as error:
            why = self.target.redacted(client_message(error))
            text = f"the checkpoint topic, {self._checkpoints.name}: {why}"
            raise TargetError(self.name, text, 0) from error

    def on_rejected(self, error: Exception) -> None:
        if self._code(error) in (self._errors._STATE, self._errors._FATAL):  # noqa: SLF001
            self._abandoned = True  # not for what this message is
        else:
            super().on_rejected(error)

    def reason_of(self, error: Any) -> str:
        kinds, code = self._errors, self._code(error)
        if code in (kinds._FENCED, kinds.PRODUCER_FENCED, kinds.INVALID_PRODUCER_EPOCH):  # noqa: SLF001
            return self._timeout_reason() or _TAKEN_OVER
        return client_message(error)

    def _code(self, error: Any) -> int | None:
        """Return the code of an error of the client, if it is one; remember whether it is fatal."""
        found = error.args[0] if isinstance(error, Exception) and error.args else error
        if not isinstance(found, self._errors):
            return None
        self._unusable = self._unusable or found.fatal()
        return int(found.code())

    def _send_checkpoint(self, document: Callable[[Position], bytes]) -> None:
        """Send the checkpoint of what is acknowledged, as the last message of the transaction."""
        if self._began is None:
            self._begin_transaction()
        commits = self._commits + 1
        records = self.records_before + self.delivered + self._acknowledged
        text = document(Position(records, _state(commits)))
        try:
            self._produce(
                self._checkpoints.name, text, self._checkpoints.transactional_id, 0,
                on_delivery=self._on_checkpoint_delivery, headers={COMMITS: str(commits)},
            )  # fmt: skip
        except (self._refusal, BufferError) as error:
            self._on_checkpoint_delivery(error, None)
        self.await_acknowledgements()
        self.raise_failure()

    def _begin_transaction(self) -> None:
        try:
            self._producer.begin_transaction()
        except self._refusal as error:
            self._fail(self.reason_of(error))
            self.raise_failure()
        self._began = self.timing.monotonic()

    def _with_retries(self, step: Callable[[float], object]) -> None:
        """Call the client, with retries within the timeout. Raises TargetError."""
        until = self.timing.monotonic() + self.target.timeout
        while True:
            try:
                step(POLL_TIMEOUT)
            except self._refusal as error:
                found = error.args[0]
                if found.retriable() and self.timing.monotonic() < until:
                    continue
                self._unusable = self._unusable or found.retriable()
                self._fail(self._no_answer() if found.retriable() else self.reason_of(error))
                self.raise_failure()
            else:
                return

    def _on_delivery(self, error: Any, message: Any) -> None:
        if error is None:
            self._acknowledged += 1
            self._size += len(message)
        elif error.code() != self._errors._PURGE_QUEUE:  # noqa: SLF001
            self.count_failed(self.reason_of(error))
        elif not self._closing:
            self._abandoned = True

    def _on_checkpoint_delivery(self, error: Any, message: Any) -> None:
        """Handle the delivery report of a checkpoint."""
        del message
        kinds = self._errors
        if error is None or self._closing:
            return
        if self._code(error) in (kinds._STATE, kinds._FATAL, kinds._PURGE_QUEUE):  # noqa: SLF001
            self._abandoned = True
        else:
            self._fail(f"the checkpoint in {self._checkpoints.name}: {self.reason_of(error)}")

    def _check_topic(self, topic: str) -> None:
        if topic == self._checkpoints.name:
            self.count_failed("the topic of a record is the checkpoint topic")
            self.raise_failure()
        super()._check_topic(topic)

    def _close_client(self) -> None:
        """Abort what is not committed: its records have failed, if they were sent."""
        self._closing = True
        try:
            if self._began is not None and not self._unusable:
                self._abort_transaction()
            super()._close_client()
        finally:
            self.failed += self._acknowledged
            self._acknowledged, self._began = 0, None

    def _abort_transaction(self) -> None:
        until = self.timing.monotonic() + CLOSE_TIMEOUT
        while self.timing.monotonic() < until:
            try:
                self._producer.abort_transaction(POLL_TIMEOUT)
            except self._refusal as error:
                if error.args[0].code() != self._errors._TIMED_OUT:  # noqa: SLF001
                    return
            else:
                return

    def _fail(self, reason: str) -> None:
        self.reason = self.reason or self.target.redacted(reason)

    def _ask_reason(self) -> str:
        """Return why the client has abandoned a transaction: it refuses to commit it, with a reason.

        Not to be called from within a callback of the client.
        """
        try:
            self._producer.commit_transaction(POLL_TIMEOUT)
        except self._refusal as error:
            return self.reason_of(error)
        return ""

    def _timeout_reason(self) -> str:
        """Return the reason where the brokers have ended a transaction that took too long, else an empty text."""
        if self._began is None or self._elapsed() < self._transaction_timeout():
            return ""
        return f"a transaction took more than the {self._transaction_timeout():g} s of transaction.timeout.ms"

    def _no_answer(self) -> str:
        connection_error = self.connection_error()
        if self._began is None:
            return f"no transaction coordinator within {self.target.timeout:g} s{connection_error}"
        return (
            f"no answer to the commit within {self.target.timeout:g} s{connection_error}; "
            "the next run with --resume finds out whether it took effect"
        )

    def _elapsed(self) -> float:
        return self.timing.monotonic() - (self._began or 0.0)

    def _transaction_timeout(self) -> float:
        """Return how many seconds a transaction may take."""
        return float(self.target.configuration()["transaction.timeout.ms"]) / 1000


def _state(commits: int) -> dict[str, Any]:
    return {"commits": commits}

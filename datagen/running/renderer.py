"""A renderer: a process that gets windows from the one that started it, and gives their records back.

It is started by `renderers`, which calls `main` with what it has opened for it. It ends as soon as the other
does, whatever it does itself: its stdin ends then. Signals that are meant for the run it leaves to the other
process. What is heavy is imported when the other has heard of it.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from datagen.allocation import keep_freed_memory
from datagen.running.transfer import pack_into, packed, unpacked
from datagen.unused_imports import leave_out_pandas

HEARTBEAT_SECONDS = 0.25
BEAT, ANSWER, FAILURE = b"b", b"a", b"f"
NUMBER_BYTES = 8
MESSAGE_BYTES = 64
_FROM_GROUP = ("SIGINT", "SIGTERM", "SIGHUP")


def main(number: int, job: int, windows: int, answers: int) -> None:
    """Render windows until stdin ends: this is the renderer of that number, with these descriptors.

    The job is a file with what to do. Windows come as files through one socket; each takes its records back, which is
    said through another.
    """
    for name in _FROM_GROUP:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    source, mouth = socket.socket(fileno=windows), _Mouth(number, socket.socket(fileno=answers))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=mouth.beat, daemon=True).start()
    window = 0
    try:
        answer = _start(job)
        while True:
            message, descriptors = received(source)
            window = int.from_bytes(message, "little")
            with _closing(descriptors[0]) as file:
                pack_into(file, answer(*unpacked(file)))
            mouth.say(ANSWER, window)
    except BaseException as error:  # noqa: BLE001 - it is raised again in the other process
        mouth.fail(error, window)


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def received(source: socket.socket) -> tuple[bytes, list[int]]:
    """Return a message, and the descriptors that came with it."""
    flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
    message, descriptors, _, _ = socket.recv_fds(source, MESSAGE_BYTES, 1, flags)
    return message, descriptors


def _start(job: int) -> Any:
    """Return what turns windows into records."""
    leave_out_pandas()
    import pyarrow as pa  # noqa: PLC0415 - when the other process has heard of this one

    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")  # rather this process than the one that can tell of it
    keep_freed_memory()
    pa.set_cpu_count(1)  # the others have the rest
    with _closing(job):
        return unpacked(job).start()


def _end_with_parent() -> None:
    """End the process at once when the one that started it is gone."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    os._exit(0)


class _Mouth:
    """Tells the other process what happens here."""

    def __init__(self, number: int, answers: socket.socket) -> None:
        self._number, self._answers = number.to_bytes(NUMBER_BYTES, "little"), answers

    def beat(self) -> None:
        """Say that the process is alive, again and again."""
        over = threading.Event()
        while True:
            with contextlib.suppress(BlockingIOError):
                self._answers.send(BEAT + self._number, socket.MSG_DONTWAIT)
            over.wait(HEARTBEAT_SECONDS)

    def say(self, kind: bytes, window: int, descriptors: Sequence[int] = ()) -> None:
        """Send a message about a window, with files."""
        message = kind + self._number + window.to_bytes(NUMBER_BYTES, "little")
        socket.send_fds(self._answers, [message], descriptors)

    def fail(self, error: BaseException, window: int) -> None:
        """Send what was raised, as it can be raised there."""
        error = _no_memory(error) or error
        text = "".join(traceback.format_exception(error))
        try:
            descriptor = packed((error, text))
            unpacked(descriptor)
        except BaseException:  # noqa: BLE001 - not every exception can be pickled
            descriptor = packed((RuntimeError(f"{type(error).__name__}: {error}"), text))
        self.say(FAILURE, window, [descriptor])
        sys.exit(1)


def _no_memory(error: BaseException | None) -> MemoryError | None:
    """Return the lack of memory that led to an error, if it did: libraries make other ones of it."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error

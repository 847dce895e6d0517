"""Makes contexts for TLS: whom they trust, and the certificate that they show."""

import ssl
from collections.abc import Callable
from typing import TypeVar

from datagen.errors import TargetError
from datagen.input_files import UnsuitableFileError, check_file

T = TypeVar("T")


def ssl_context(
    cafile: str | None, certfile: str | None = None, keyfile: str | None = None
) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a file, else of the system, and shows a certificate.

    Its key is in a file of its own, or in the same one. Raises TargetError.
    """
    context = _read(cafile, "a file of certificates (PEM)", lambda: _trusting(cafile))
    if certfile is not None:
        what = "a certificate with its key, both PEM and the key without a password"
        _read(certfile, what, lambda: _show(context, certfile, keyfile))
    return context


def _trusting(cafile: str | None) -> ssl.SSLContext:
    if cafile is not None:
        check_file(cafile)
    return ssl.create_default_context(cafile=cafile)


def _show(context: ssl.SSLContext, certfile: str, keyfile: str | None) -> ssl.SSLContext:
    check_file(certfile)
    if keyfile is not None:
        _read(keyfile, "a key", lambda: check_file(keyfile))
    context.load_cert_chain(certfile, keyfile, password=b"")  # else the terminal is asked for one
    return context


def _read(path: str | None, what: str, read: Callable[[], T]) -> T:
    """Return what is read from a file, which should be this. Raises TargetError."""
    try:
        return read()
    except ssl.SSLError as error:
        raise TargetError(f"{path}", f"is not {what}") from error
    except UnsuitableFileError as error:
        raise TargetError(f"{path}", str(error)) from error
    except OSError as error:
        raise TargetError(f"{path}", f"{error.strerror}") from error

"""Whose certificates are trusted."""

import ssl

from datagen.errors import TargetError


def ssl_context(cafile: str | None) -> ssl.SSLContext:
    """Trust those that a file vouches for, else those of the system. Raises TargetError."""
    try:
        return ssl.create_default_context(cafile=cafile)
    except ssl.SSLError as error:
        raise TargetError(f"{cafile}", "is no file of certificates (PEM)") from error
    except OSError as error:
        raise TargetError(f"{cafile}", f"{error.strerror}") from error

"""Makes contexts for TLS that trust a file of certificates."""

import ssl

from datagen.errors import TargetError


def ssl_context(cafile: str | None) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a file, else of the system. Raises TargetError."""
    try:
        return ssl.create_default_context(cafile=cafile)
    except ssl.SSLError as error:
        raise TargetError(f"{cafile}", "is not a file of certificates (PEM)") from error
    except OSError as error:
        raise TargetError(f"{cafile}", f"{error.strerror}") from error

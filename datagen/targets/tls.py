"""Makes contexts for TLS that trust a file of certificates."""

import ssl

from datagen.errors import TargetError
from datagen.input_files import UnsuitableFileError, check_file


def ssl_context(cafile: str | None) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a file, else of the system. Raises TargetError."""
    try:
        if cafile is not None:
            check_file(cafile)
        return ssl.create_default_context(cafile=cafile)
    except ssl.SSLError as error:
        raise TargetError(f"{cafile}", "is not a file of certificates (PEM)") from error
    except UnsuitableFileError as error:
        raise TargetError(f"{cafile}", str(error)) from error
    except OSError as error:
        raise TargetError(f"{cafile}", f"{error.strerror}") from error

"""What every use of the client `confluent-kafka`, made on librdkafka, has in common."""

import logging
from typing import Any

LOG = logging.getLogger("datagen.confluent")  # of the client: nothing of it is shown
LOG.addHandler(logging.NullHandler())
LOG.propagate = False
POLL_TIMEOUT = 0.1  # seconds that one call of the client may take, so that signals are heard


def client_message(error: Any) -> str:
    """Return what an error of the client says, without its code."""
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    return str(inner.str() if hasattr(inner, "str") else inner) or type(inner).__name__

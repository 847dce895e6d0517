"""What all users of the client `confluent-kafka`, a wrapper of librdkafka, share."""

import logging
from typing import Any

LOG = logging.getLogger("datagen.confluent")  # of the client: nothing of it is shown
LOG.addHandler(logging.NullHandler())
LOG.propagate = False
POLL_TIMEOUT = 0.1  # seconds that one call of the client may take, so that signals are handled


def client_message(error: Any) -> str:
    """Return what an error of the client says, without its code."""
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    return str(inner.str() if hasattr(inner, "str") else inner) or type(inner).__name__

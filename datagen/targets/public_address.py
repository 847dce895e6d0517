"""Returns the part of a URL that may be shown: neither user, path nor query, which may be secret."""

from urllib.parse import SplitResult


def public_address(parts: SplitResult) -> str:
    """Return the scheme, host and port of a URL."""
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"

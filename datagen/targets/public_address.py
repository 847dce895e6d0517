"""Turns addresses into texts that may be shown: without user, path and query, which may be secret."""

from urllib.parse import SplitResult


def public_address(parts: SplitResult) -> str:
    """Return the scheme, host and port of a URL."""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{bracketed(parts.hostname or '')}{port}"


def bracketed(host: str) -> str:
    """Return a host as it stands before a port: an IPv6 address in brackets (RFC 3986)."""
    return f"[{host}]" if ":" in host else host

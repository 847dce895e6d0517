"""What may be shown of a URL."""

from urllib.parse import urlsplit

import pytest

from datagen.targets.public_address import public_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:secret@host/path/secret?key=secret", "https://host"),
        ("http://host:8088/x", "http://host:8088"),
        ("http://[::1]:80/", "http://[::1]:80"),
    ],
)
def test_secrets_are_left_out(url: str, shown: str) -> None:
    """User, password, path and query may be secret."""
    assert public_address(urlsplit(url)) == shown

"""Contexts for TLS."""

from pathlib import Path

import pytest

from datagen.errors import TargetError
from datagen.targets.tls import ssl_context


def test_system_is_trusted_without_a_file() -> None:
    """Certificates are checked."""
    assert ssl_context(None).check_hostname


@pytest.mark.parametrize(
    ("text", "said"), [("no PEM", "is not a file of certificates (PEM)"), (None, "No such file or directory")]
)  # fmt: skip
def test_file_that_is_no_use_is_named(text: str | None, said: str, tmp_path: Path) -> None:
    """One that is not there, and one that holds no certificates."""
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(TargetError) as raised:
        ssl_context(str(path))
    assert str(raised.value) == f"{path}: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [("no PEM", "is not a certificate with its key, both PEM and the key without a password"), (None, "No such file or directory")],
)  # fmt: skip
def test_certificate_that_is_no_use_is_named(text: str | None, said: str, tmp_path: Path) -> None:
    """And so is its key."""
    path, other = tmp_path / "own.pem", tmp_path / "other.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(TargetError) as raised:
        ssl_context(None, str(path))
    assert str(raised.value) == f"{path}: {said}"
    other.write_text("")
    with pytest.raises(TargetError) as raised:
        ssl_context(None, str(other), str(path))
    assert str(raised.value).startswith(f"{path if text is None else other}: ")

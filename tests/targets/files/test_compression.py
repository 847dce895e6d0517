"""Members of gzip and Zstandard."""

import gzip

import pyarrow as pa

from datagen.targets.files.compression import COMPRESSORS


def test_members_are_read_by_other_tools() -> None:
    """One after the other."""
    packed = COMPRESSORS[".gz"](b"a\n") + COMPRESSORS[".gz"](b"b\n")
    assert gzip.decompress(packed) == b"a\nb\n"
    packed = COMPRESSORS[".zst"](b"a\n") + COMPRESSORS[".zst"](b"b\n")
    with pa.input_stream(pa.BufferReader(packed), compression="zstd") as stream:
        assert stream.read() == b"a\nb\n"


def test_same_bytes_are_compressed_to_the_same() -> None:
    """No time of day is in a member."""
    for compress in COMPRESSORS.values():
        assert compress(b"abc" * 99) == compress(b"abc" * 99)

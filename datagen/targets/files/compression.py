"""Compresses bytes to complete members of gzip or Zstandard, by the ending of a file's name."""

import zlib

import pyarrow as pa


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd", compression_level=3).compress(data, asbytes=True)
    return packed


COMPRESSORS = {".gz": _gzip, ".zst": _zstd}

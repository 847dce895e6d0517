"""Tests of the truth about a stream."""

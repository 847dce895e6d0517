"""Targets that are files: plain, compressed, partitioned, with a footer."""

"""Looks at a model or a run: samples, statistics, what follows what."""

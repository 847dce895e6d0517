"""Looks at a model or a run: its schema, figures, samples, statistics, what follows what, whether a run fits."""

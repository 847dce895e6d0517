"""Looks at a model or a run: its schema, figures, samples, statistics, and what fits the model."""

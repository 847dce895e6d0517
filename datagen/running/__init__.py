"""A run: the request, the plan, batches, clock and delivery, checkpoints and the summary."""

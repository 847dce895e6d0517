"""The truth about a stream: what each event was, and what disorder has done to it."""

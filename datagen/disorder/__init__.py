"""What a network does between the model and a target: copies of records come late, twice, never, or broken."""

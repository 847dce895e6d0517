"""The arithmetic of pools of entities: which member has a rank, which are born when, which one is picked."""

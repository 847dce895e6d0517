"""Targets that are topics of Kafka: two clients, transactions, a schema registry."""

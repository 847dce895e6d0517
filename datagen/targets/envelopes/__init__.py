"""Envelopes turn batches of records into requests to a service, and its answers into what became of each record."""

from datagen.targets.envelopes.base import ENVELOPES, Envelope, Packing

ENVELOPES.locate(
    {
        "elastic_bulk": "datagen.targets.envelopes.elastic_bulk",
        "otlp": "datagen.targets.envelopes.otlp",
        "splunk_hec": "datagen.targets.envelopes.splunk_hec",
    }
)
__all__ = ["ENVELOPES", "Envelope", "Packing"]

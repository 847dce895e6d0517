"""Compares the Kafka targets with their clients' own pace: `python -m benchmarks.kafka`.

A broker of its own runs beside it. In each round the generator sends records, and the same client sends
the same messages from a prepared list, with the same configuration.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import ROOT
from datagen.targets.kafka.confluent import ConfluentTarget
from datagen.targets.kafka.kafka_python import KafkaTarget

sys.path.insert(0, str(ROOT))
RECORDS = {"confluent": 400_000, "kafka": 30_000}


def confluent(address: str, messages: list[bytes]) -> float:
    """Send messages by confluent-kafka; return the seconds until all are acknowledged."""
    from confluent_kafka import Producer  # noqa: PLC0415

    target = ConfluentTarget(servers=address, topic="list", security_protocol="PLAINTEXT")
    producer, acknowledged = Producer(target.configuration()), [0]

    def count(error: Any, _: Any) -> None:
        acknowledged[0] += error is None

    producer.list_topics(timeout=10)
    began = time.perf_counter()
    for message in messages:
        while True:
            try:
                producer.produce("list", message, on_delivery=count)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush(60)
    assert acknowledged[0] == len(messages)
    return time.perf_counter() - began


def kafka(address: str, messages: list[bytes]) -> float:
    """Send messages by kafka-python; return the seconds until all are acknowledged."""
    from kafka import KafkaProducer  # noqa: PLC0415

    producer = KafkaProducer(**KafkaTarget(endpoint=address, topic="list").configuration())
    began = time.perf_counter()
    futures = [producer.send("list", message) for message in messages]
    producer.flush(60)
    assert all(future.succeeded() for future in futures)
    seconds = time.perf_counter() - began
    producer.close()
    return seconds


def ours(kind: str, address: str, folder: Path, records: int) -> float:
    """Run the generator with a target; return the seconds of its summary."""
    import generator  # noqa: PLC0415

    place = {"kafka": "endpoint", "confluent": "servers"}[kind]
    target = {"type": kind, place: address, "topic": "ours", "security_protocol": "PLAINTEXT"}
    (folder / "target.json").write_text(json.dumps(target), encoding="utf-8")
    arguments = ["-c", "clickstream", "-t", str(folder / "target.json"), "-n", str(records)]
    summary = folder / "summary.json"
    status = generator.main(
        [*arguments, "-s", "2027-03-12", "--seed", "1", "--summary", str(summary)]
    )
    assert status == 0
    figures: dict[str, float] = json.loads(summary.read_text(encoding="utf-8"))
    return figures["seconds"]


def prepared(folder: Path, records: int) -> list[bytes]:
    """Return the records of a run as a list."""
    import generator  # noqa: PLC0415

    path = folder / "records.jsonl"
    (folder / "file.json").write_text(json.dumps({"type": "file", "path": str(path)}))
    arguments = ["-c", "clickstream", "-t", str(folder / "file.json"), "-n", str(records), "-q"]
    generator.main([*arguments, "-s", "2027-03-12", "--seed", "1"])
    return path.read_bytes().splitlines()


def main() -> None:
    """Measure both clients, three rounds each, and print the ratios."""
    from tests.support.broker import Broker  # noqa: PLC0415

    clients: dict[str, Callable[[str, list[bytes]], float]] = {
        "confluent": confluent,
        "kafka": kafka,
    }
    broker = Broker()
    print(
        "| client | prepared list, messages/s | generator, records/s | ratio |\n|---|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as name:
        for kind, send in clients.items():
            records = RECORDS[kind]
            messages = prepared(Path(name), records)
            pairs = [
                (
                    records / send(broker.address, messages),
                    records / ours(kind, broker.address, Path(name), records),
                )
                for _ in range(3)
            ]
            theirs, own = (median(column) for column in zip(*pairs, strict=True))
            print(
                f"| {kind} | {theirs:,.0f} | {own:,.0f} | {median(b / a for a, b in pairs):.2f} |"
            )
    broker.close()


if __name__ == "__main__":
    main()

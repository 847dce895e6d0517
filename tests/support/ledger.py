"""A broker of the tests' own that keeps transactions as the protocol of Kafka has them.

One node, in threads of the test's process, all in memory. Its log has control records, consumers of
committed messages get the last stable offset and the list of what was aborted, a new producer with an
id fences the one before. It can fail, stay silent, or call something when a request comes.
"""

import itertools
import socket
import struct
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kafka.protocol import admin, consumer, metadata, producer
from kafka.record.util import calc_crc32c, encode_varint

HOST = "127.0.0.1"
PRODUCE, FETCH, LIST_OFFSETS, METADATA, FIND_COORDINATOR, API_VERSIONS = 0, 1, 2, 3, 10, 18
CREATE_TOPICS, INIT_PRODUCER_ID, ADD_PARTITIONS, END_TXN = 19, 22, 24, 26
UNKNOWN_TOPIC, OLD_EPOCH, WRONG_STATE, GAP, EXISTS = 3, 47, 48, 45, 36
_BATCH = struct.Struct(">qiibIhiqqqhii")
_TRANSACTIONAL, _CONTROL = 0x10, 0x20

_APIS: dict[int, tuple[Any, Any, int, int]] = {
    PRODUCE: (producer.ProduceRequest, producer.ProduceResponse, 3, 7),
    FETCH: (consumer.FetchRequest, consumer.FetchResponse, 4, 6),
    LIST_OFFSETS: (consumer.ListOffsetsRequest, consumer.ListOffsetsResponse, 1, 2),
    METADATA: (metadata.MetadataRequest, metadata.MetadataResponse, 1, 4),
    FIND_COORDINATOR: (metadata.FindCoordinatorRequest, metadata.FindCoordinatorResponse, 0, 2),
    API_VERSIONS: (metadata.ApiVersionsRequest, metadata.ApiVersionsResponse, 0, 3),
    CREATE_TOPICS: (admin.CreateTopicsRequest, admin.CreateTopicsResponse, 2, 4),
    INIT_PRODUCER_ID: (producer.InitProducerIdRequest, producer.InitProducerIdResponse, 0, 1),
    ADD_PARTITIONS: (producer.AddPartitionsToTxnRequest, producer.AddPartitionsToTxnResponse, 0, 1),
    END_TXN: (producer.EndTxnRequest, producer.EndTxnResponse, 0, 1),
}


@dataclass
class Log:
    """A partition: batches as they came, transactions that are open, and those that were aborted."""

    batches: list[tuple[int, int, bytes]] = field(default_factory=list)  # first, last offset, bytes
    end: int = 0
    open: dict[int, int] = field(default_factory=dict)  # producer: its first offset
    aborted: list[tuple[int, int, int]] = field(default_factory=list)  # producer, first, last
    known: dict[tuple[int, int], list[tuple[int, int, int]]] = field(default_factory=dict)

    @property
    def stable(self) -> int:
        """Return the offset before which all transactions are decided."""
        return min(self.open.values(), default=self.end)

    def append(self, data: bytes) -> tuple[int, int]:
        """Take a batch; give an error and its first offset. One that was taken already is not again."""
        head = _BATCH.unpack_from(data)
        attributes, delta, pid, epoch, sequence = head[5], head[6], head[9], head[10], head[11]
        seen = self.known.setdefault((pid, epoch), [])
        for first, last, offset in seen[-5:]:
            if pid >= 0 and (first, last) == (sequence, sequence + delta):
                return 0, offset
        if pid >= 0 and not attributes & _CONTROL:
            if sequence != (seen[-1][1] + 1 if seen else 0):
                return GAP, -1
            seen.append((sequence, sequence + delta, self.end))
        if attributes & _TRANSACTIONAL and not attributes & _CONTROL:
            self.open.setdefault(pid, self.end)
        first = self.end
        self.end += delta + 1
        self.batches.append((first, self.end - 1, struct.pack(">q", first) + data[8:]))
        return 0, first

    def decide(self, pid: int, epoch: int, *, commit: bool) -> None:
        """End the transaction of a producer."""
        first = self.open.pop(pid, None)
        if first is not None and not commit:
            self.aborted.append((pid, first, self.end))
        self.append(_marker(pid, epoch, commit))

    def read(self, offset: int, most: int, until: int) -> bytes:
        """Return batches from that of an offset on."""
        found: list[bytes] = []
        size = 0
        for first, last, data in self.batches:
            if last < offset:
                continue
            if first >= until or (found and size + len(data) > most):
                break  # a smaller one behind it would hide what is between
            found.append(data)
            size += len(data)
        return b"".join(found)


@dataclass
class Transaction:
    """What the coordinator knows of an id."""

    pid: int
    epoch: int
    parts: set[tuple[str, int]] = field(default_factory=set)
    ended: bool | None = None  # how the last one was ended


class Ledger:
    """The broker. `requests` counts what came, by the key of the request."""

    def __init__(self, partitions: int = 3) -> None:
        self.logs: dict[str, list[Log]] = {}
        self.settings: dict[str, dict[str, str]] = {}
        self.requests: Counter[int] = Counter()
        self._ids: dict[str, Transaction] = {}
        self._partitions, self._pids = partitions, itertools.count(1000)
        self._changed = threading.Condition(threading.RLock())
        self._errors: dict[int, deque[int]] = defaultdict(deque)
        self._silent: set[int] = set()
        self._calls: dict[tuple[int, int], Callable[[], object]] = {}
        self._listener = socket.create_server((HOST, 0))
        self.address = f"{HOST}:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def fail(self, api: int, *errors: int) -> None:
        """Answer the next requests of a kind with these errors, one each."""
        self._errors[api].extend(errors)

    def say_nothing(self, *apis: int) -> None:
        """Do what requests of these kinds ask for, and do not answer; without any, answer again."""
        self._silent = set(apis)

    def when(self, api: int, number: int, call: Callable[[], object]) -> None:
        """Call something when the so-many-th request of a kind, from now on, has been carried out."""
        self._calls[api, self.requests[api] + number] = call

    def expire(self, name: str) -> None:
        """Abort the transaction of an id, as when it took too long."""
        with self._changed:
            self._fence(self._ids[name])

    def make(self, topic: str, partitions: int = 1) -> None:
        """Make a topic."""
        self.logs[topic] = [Log() for _ in range(partitions)]

    def close(self) -> None:
        """Answer nobody any more."""
        self._closed = True
        self._listener.close()
        for each in self._open:
            each.close()

    # the connections

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, client.makefile("rb") as stream:
                while size := stream.read(4):
                    answer = self._answered(stream.read(int.from_bytes(size)))
                    client.sendall(answer)
        except (OSError, ValueError):
            return

    def _answered(self, data: bytes) -> bytes:
        api, version, number = struct.unpack_from(">hhi", data)
        ask, answer, _, _ = _APIS[api]
        request = ask.decode(data, version=version, header=True)
        with self._changed:
            self.requests[api] += 1
            error = self._errors[api].popleft() if self._errors[api] else 0
            values = _STEPS[api](self, request, error)
            call = self._calls.pop((api, self.requests[api]), None)
        if call is not None:
            call()
        if api in self._silent or (api == PRODUCE and request.acks == 0):
            return b""
        made = answer(version=version, **values)
        made.with_header(correlation_id=number)
        encoded: bytes = made.encode(header=True, framed=True)
        return encoded

    # what each kind of request does; a method gives the values of the answer

    def _versions(self, request: Any, error: int) -> dict[str, Any]:
        del request
        kind = metadata.ApiVersionsResponse.ApiVersion
        keys = [kind(api_key=k, min_version=a, max_version=b) for k, (_, _, a, b) in _APIS.items()]
        return {"error_code": error, "api_keys": keys}

    def _metadata(self, request: Any, error: int) -> dict[str, Any]:
        names = [each.name for each in request.topics or ()]
        if request.topics is None:
            names = list(self.logs)
        if request.allow_auto_topic_creation or request.API_VERSION < 4:
            for name in names:
                if name not in self.logs:
                    self.make(name, self._partitions)
        response = metadata.MetadataResponse
        port = int(self.address.rpartition(":")[2])
        broker = response.MetadataResponseBroker(node_id=1, host=HOST, port=port, rack=None)
        part, topic = (
            response.MetadataResponseTopic.MetadataResponsePartition,
            response.MetadataResponseTopic,
        )
        topics = [
            topic(
                error_code=error or (0 if name in self.logs else UNKNOWN_TOPIC), name=name, is_internal=False,
                partitions=[
                    part(error_code=0, partition_index=place, leader_id=1, replica_nodes=[1], isr_nodes=[1])
                    for place in range(len(self.logs.get(name, ())))
                ],
            )
            for name in names
        ]  # fmt: skip
        return {"brokers": [broker], "cluster_id": "ledger", "controller_id": 1, "topics": topics}

    def _coordinator(self, request: Any, error: int) -> dict[str, Any]:
        del request
        port = int(self.address.rpartition(":")[2])
        return {
            "error_code": error,
            "error_message": None,
            "node_id": 1,
            "host": HOST,
            "port": port,
        }

    def _create(self, request: Any, error: int) -> dict[str, Any]:
        kind, found = admin.CreateTopicsResponse.CreatableTopicResult, []
        for each in request.topics:
            code = error or (EXISTS if each.name in self.logs else 0)
            if not code:
                self.make(each.name, each.num_partitions)
                self.settings[each.name] = {one.name: one.value for one in each.configs}
            found.append(kind(name=each.name, error_code=code, error_message=None))
        return {"topics": found}

    def _init(self, request: Any, error: int) -> dict[str, Any]:
        name, found = request.transactional_id, Transaction(next(self._pids), 0)
        if error:
            return {"error_code": error, "producer_id": -1, "producer_epoch": -1}
        if name is not None:
            found = self._ids.setdefault(name, Transaction(found.pid, -1))
            self._fence(found)
        return {"error_code": 0, "producer_id": found.pid, "producer_epoch": found.epoch}

    def _add(self, request: Any, error: int) -> dict[str, Any]:
        known = self._ids[request.v3_and_below_transactional_id]
        if request.v3_and_below_producer_epoch != known.epoch:
            error = OLD_EPOCH
        response = producer.AddPartitionsToTxnResponse
        results = []
        for each in request.v3_and_below_topics:
            if not error:
                known.parts |= {(each.name, part) for part in each.partitions}
            kind = response.AddPartitionsToTxnTopicResult
            parts = [
                kind.AddPartitionsToTxnPartitionResult(
                    partition_index=part, partition_error_code=error
                )
                for part in each.partitions
            ]
            results.append(kind(name=each.name, results_by_partition=parts))
        return {"results_by_topic_v3_and_below": results}

    def _end(self, request: Any, error: int) -> dict[str, Any]:
        known = self._ids[request.transactional_id]
        if request.producer_epoch != known.epoch:
            error = OLD_EPOCH
        elif not error and not known.parts and known.ended is not request.committed:
            error = WRONG_STATE
        elif not error:
            self._decide(known, commit=request.committed)
        return {"error_code": error}

    def _produce(self, request: Any, error: int) -> dict[str, Any]:
        response = producer.ProduceResponse.TopicProduceResponse
        answers = []
        for topic in request.topic_data:
            parts = []
            for each in topic.partition_data:
                code, offset = self._taken(request, topic.name, each, error)
                kind = response.PartitionProduceResponse
                parts.append(kind(index=each.index, error_code=code, base_offset=offset))
            answers.append(response(name=topic.name, partition_responses=parts))
        self._changed.notify_all()
        return {"responses": answers}

    def _taken(self, request: Any, topic: str, part: Any, error: int) -> tuple[int, int]:
        data = bytes(part.records)
        head = _BATCH.unpack_from(data)
        pid, epoch = head[9], head[10]
        known = self._ids.get(request.transactional_id or "")
        if known is not None and (known.pid, known.epoch) != (pid, epoch):
            return OLD_EPOCH, -1
        if known is not None and (topic, part.index) not in known.parts:
            return WRONG_STATE, -1
        return (error, -1) if error else self.logs[topic][part.index].append(data)

    def _offsets(self, request: Any, error: int) -> dict[str, Any]:
        response = consumer.ListOffsetsResponse.ListOffsetsTopicResponse
        answers = []
        for topic in request.topics:
            parts = []
            for each in topic.partitions:
                log = self.logs[topic.name][each.partition_index]
                end = log.stable if request.isolation_level else log.end
                kind = response.ListOffsetsPartitionResponse
                offset = 0 if each.timestamp == -2 else end
                parts.append(
                    kind(
                        partition_index=each.partition_index,
                        error_code=error,
                        timestamp=-1,
                        offset=offset,
                    )
                )
            answers.append(response(name=topic.name, partitions=parts))
        return {"topics": answers}

    def _fetch(self, request: Any, error: int) -> dict[str, Any]:
        asked = [(t.topic, p) for t in request.topics for p in t.partitions]
        if not any(self._readable(request, *each) for each in asked):
            self._changed.wait(request.max_wait_ms / 1000)
        response, answers = consumer.FetchResponse.FetchableTopicResponse, []
        for topic in request.topics:
            parts = [self._part(request, topic.topic, each, error) for each in topic.partitions]
            answers.append(response(topic=topic.topic, partitions=parts))
        return {"responses": answers}

    def _readable(self, request: Any, topic: str, part: Any) -> bool:
        log = self.logs[topic][part.partition]
        end = log.stable if request.isolation_level else log.end
        return bool(part.fetch_offset < end)

    def _part(self, request: Any, topic: str, part: Any, error: int) -> Any:
        log, committed = self.logs[topic][part.partition], request.isolation_level == 1
        until = log.stable if committed else log.end
        kind = consumer.FetchResponse.FetchableTopicResponse.PartitionData
        aborted = [
            kind.AbortedTransaction(producer_id=pid, first_offset=first)
            for pid, first, last in log.aborted
            if last >= part.fetch_offset and first < until
        ]
        return kind(
            partition_index=part.partition, error_code=error, high_watermark=log.end,
            last_stable_offset=log.stable, log_start_offset=0,
            aborted_transactions=aborted if committed else None,
            records=log.read(part.fetch_offset, part.partition_max_bytes, until),
        )  # fmt: skip

    # transactions

    def _fence(self, known: Transaction) -> None:
        known.epoch += 1
        if known.parts:
            self._decide(known, commit=False)
        known.ended = None

    def _decide(self, known: Transaction, *, commit: bool) -> None:
        for topic, part in known.parts:
            self.logs[topic][part].decide(known.pid, known.epoch, commit=commit)
        known.parts, known.ended = set(), commit
        self._changed.notify_all()


_STEPS: dict[int, Callable[[Ledger, Any, int], dict[str, Any]]] = {
    PRODUCE: Ledger._produce,
    FETCH: Ledger._fetch,
    LIST_OFFSETS: Ledger._offsets,
    METADATA: Ledger._metadata,
    FIND_COORDINATOR: Ledger._coordinator,
    API_VERSIONS: Ledger._versions,
    CREATE_TOPICS: Ledger._create,
    INIT_PRODUCER_ID: Ledger._init,
    ADD_PARTITIONS: Ledger._add,
    END_TXN: Ledger._end,
}


def _marker(pid: int, epoch: int, commit: bool) -> bytes:
    """Make the control record that ends a transaction in a partition."""
    body = bytearray()

    def number(value: int) -> None:
        encode_varint(value, body.append)

    body.append(0)
    number(0)
    number(0)
    number(4)
    body += struct.pack(">hh", 0, int(commit))
    number(6)
    body += struct.pack(">hi", 0, 0)
    number(0)
    size = bytearray()
    encode_varint(len(body), size.append)
    flags = _TRANSACTIONAL | _CONTROL
    rest = struct.pack(">hiqqqhii", flags, 0, 1, 1, pid, epoch, -1, 1) + bytes(size + body)
    head = struct.pack(">qiibI", 0, len(rest) + 9, 0, 2, calc_crc32c(rest))
    return head + rest

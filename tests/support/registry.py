"""A schema registry of the tests' own: it numbers schemas and gives them out, over HTTP."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.servers import HOST, ThreadedServer


class SchemaRegistry(ThreadedServer):
    """Keeps schemas by subject; the same text has the same id everywhere."""

    def __init__(self, first: int = 1) -> None:
        self.subjects: dict[str, list[int]] = {}
        self.schemas: dict[int, str] = {}
        self.users: list[str | None] = []
        self._first = first
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                _, subjects, subject, versions = self.path.split("/")
                assert (subjects, versions) == ("subjects", "versions")
                registry.users.append(self.headers.get("authorization"))
                self._answer({"id": registry.registered(subject, body["schema"])})

            def do_GET(self) -> None:
                kind, _, number = self.path.partition("?")[0].rpartition("/")
                if kind == "/schemas/ids":
                    self._answer({"schema": registry.schemas[int(number)]})
                else:  # a question that only later registries understand
                    self._answer({"error_code": 404, "message": "HTTP 404 Not Found"}, 404)

            def _answer(self, value: Any, status: int = 200) -> None:
                data = json.dumps(value).encode()
                self.send_response_only(status)
                self.send_header("content-type", "application/vnd.schemaregistry.v1+json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def registered(self, subject: str, schema: str) -> int:
        """Return the id of a schema, a new one for one that is new."""
        known = {text: number for number, text in self.schemas.items()}
        number = known.get(schema, self._first + len(known))
        self.schemas[number] = schema
        if number not in self.subjects.setdefault(subject, []):
            self.subjects[subject].append(number)
        return number

"""Questions and changes as they are sent, and single ones sent by hand."""

import http.client
import json
import time
from collections.abc import Sequence
from typing import Any

from bench.data import wire_id
from bench.decisions.world import DecisionWorld, Grant, Question
from bench.load import HOST
from bench.servers import Server

BATCH = 100
ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"


def requests(world: DecisionWorld, questions: Sequence[Question], batch: int) -> list[bytes]:
    """Answer ready-made requests, each with `batch` of the questions."""
    documents = [evaluation(world, question) for question in questions]
    if batch == 1:
        return [_post(world.token, ONE, document) for document in documents]
    return [
        _post(world.token, MANY, {"evaluations": documents[place : place + batch]})
        for place in range(0, len(documents), batch)
    ]


def evaluation(world: DecisionWorld, question: Question) -> dict[str, Any]:
    """Answer a question as AuthZEN writes it."""
    return {
        "subject": {"type": "user", "id": wire_id("user", question.user)},
        "action": {"name": question.permission},
        "resource": {"type": question.kind, "id": world.resource_id(question)},
    }


def change(world: DecisionWorld, grant: Grant) -> dict[str, Any]:
    """Answer the body that gives a user this grant."""
    return {
        "role": grant.role,
        "permissions": list(grant.permissions),
        "domains": [world.domains[place]["id"] for place in grant.domains],
        "templates": [world.templates[place]["id"] for place in grant.templates],
    }


class Caller:
    """A connection to a server, for one request at a time."""

    def __init__(self, server: Server, token: str | None) -> None:
        self.connection = http.client.HTTPConnection(HOST, server.port, timeout=30)
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, document: object) -> tuple[int, Any, float]:
        """Answer the status, the document, and how many seconds it took."""
        body = json.dumps(document)
        start = time.perf_counter()
        self.connection.request(method, path, body, self.headers)
        response = self.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text or b"null"), time.perf_counter() - start


def _post(token: str, path: str, document: object) -> bytes:
    body = json.dumps(document, separators=(",", ":"))
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()

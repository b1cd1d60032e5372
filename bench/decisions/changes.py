"""Changes of the account while it is asked about, and the very next answer after each."""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from statistics import median, quantiles

from bench.data import wire_id
from bench.decisions.wire import ONE, Caller, change, evaluation
from bench.decisions.world import CUSTOM_USER, DOMAIN, DecisionWorld, Grant, Question
from bench.servers import Server

# So many in a second, by one writer.
CHANGES = 20
PERMISSION = "control-sendings"


class Writer:
    """Gives users a permission and takes it away again, at a steady rate."""

    def __init__(self, server: Server, world: DecisionWorld, questions: Sequence[Question]) -> None:
        self.server, self.world = server, world
        asked = dict.fromkeys(question.user for question in questions)
        users = [user for user in asked if world.grant(user).role == CUSTOM_USER]
        self.turns = cycle([(user, has) for has in (True, False) for user in users])
        self.made = 0
        self.seconds = 0.0

    @property
    def rate(self) -> float:
        """Changes made in a second."""
        return self.made / self.seconds

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Change the account while this is entered."""
        ended = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            writing = thread.submit(self._write, ended)
            try:
                yield
            finally:
                ended.set()
            # What went wrong there goes wrong here.
            writing.result()

    def _write(self, ended: threading.Event) -> None:
        caller = Caller(self.server, self.world.token)
        start = time.monotonic()
        made = 0
        while not ended.wait(max(0.0, start + made / CHANGES - time.monotonic())):
            put(caller, self.server, self.world, *next(self.turns))
            made += 1
        self.made += made
        self.seconds += time.monotonic() - start


def put(caller: Caller, server: Server, world: DecisionWorld, user: int, has: bool) -> None:  # noqa: FBT001
    """Give a user the permission beside what they have, or take it away."""
    grant = changed(world.grant(user), has=has)
    path = f"/v1/users/{wire_id('user', user)}"
    status, document, _ = caller("PUT", path, change(world, grant))
    if status != 200:
        sys.exit(f"a change got {status} from {server.name}: {document}")


def changed(grant: Grant, *, has: bool) -> Grant:
    """Answer a grant with the permission, or without it."""
    others = [name for name in grant.permissions if name != PERMISSION]
    return grant._replace(permissions=(*others, PERMISSION) if has else tuple(others))


def next_answers(server: Server, world: DecisionWorld, times: int) -> tuple[float, float]:
    """Change a user, then ask about them, again and again; the answer must be the new one.

    Answer the median and the 99th percentile of how long the answers took, in seconds.
    """
    caller = Caller(server, world.token)
    users = (user for user in range(world.size) if world.grant(user).role == CUSTOM_USER)
    taken = []
    for turn, user in zip(range(times), users, strict=False):
        question = Question(user, PERMISSION, DOMAIN, world.grant(user).domains[0])
        for has in (True, False) if turn % 2 else (False, True):
            put(caller, server, world, user, has)
            status, document, seconds = caller("POST", ONE, evaluation(world, question))
            if status != 200 or document["decision"] is not has:
                sys.exit(f"{server.name} answered after a change with {status}: {document}")
            taken.append(seconds)
    return median(taken), quantiles(taken, n=100)[98]

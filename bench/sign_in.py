"""How long a sign-in and a reset take for addresses that exist and that do not.

Run by Guestlist's own Python, in one process and without the network: what is left is what the
program does. `python bench/sign_in.py FOLDER` prints a table.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

from guestlist.actions import credentials, signing
from guestlist.actions.limits import Limits
from guestlist.actions.runtime import Runtime
from guestlist.actions.sessions import Browser
from guestlist.app import deployments
from guestlist.domain.emails import parse
from guestlist.domain.invitations import DAY, Caps
from guestlist.domain.links import Keys
from guestlist.domain.refusals import WrongSignIn
from guestlist.store import people as store
from guestlist.store.database import Database
from guestlist.store.migrations import migrate

ROUNDS = 150
BROWSER = Browser("192.0.2.1", "bench")
KNOWN, UNKNOWN = "known@example.test", "nobody@example.test"


def main(folder: str) -> None:
    database = Database(f"sqlite:///{Path(folder) / 'sign-in.db'}")
    migrate(database)
    runtime = Runtime(
        database=database,
        keys=Keys((b"a key of the bench, which opens nothing anywhere",)),
        now=deployments.now,
        random=deployments.random,
        public_url="http://localhost",
        invitation_life=DAY,
        caps=Caps(letters_per_day=10**9),
        limits=Limits(scale=10**6),
    )
    _add_person(runtime)
    print("### Sign-in and reset: does the time tell who is known?\n")
    print("| asked for | known ms | unknown ms | known / unknown |")
    print("| --- | ---: | ---: | ---: |")
    for name, ask in (("sign-in, wrong password", _sign_in), ("reset", _reset)):
        known, unknown = _compare(runtime, ask)
        print(f"| {name} | {known:.2f} | {unknown:.2f} | {known / unknown:.2f} |")


def _add_person(runtime: Runtime) -> None:
    now = deployments.now(0)
    with runtime.database.change() as transaction:
        key = store.add(
            transaction,
            email=KNOWN,
            email_key=parse(KNOWN).key,
            name="Known",
            last_name="",
            now=now,
        )
        store.change(transaction, key, password=runtime.passwords.hashed("x" * 20))


def _sign_in(runtime: Runtime, email: str) -> None:
    with suppress(WrongSignIn):
        signing.sign_in(runtime, email=email, password="wrong " * 4, browser=BROWSER)


def _reset(runtime: Runtime, email: str) -> None:
    credentials.ask_reset(runtime, email, BROWSER)


def _compare(runtime: Runtime, ask: Callable[[Runtime, str], None]) -> tuple[float, float]:
    """The medians in milliseconds, taken in turn, so that a slow minute hits both."""
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for _round in range(ROUNDS):
        for email, times in taken.items():
            start = time.perf_counter()
            ask(runtime, email)
            times.append((time.perf_counter() - start) * 1_000)
    return median(taken[KNOWN]), median(taken[UNKNOWN])


if __name__ == "__main__":
    main(*sys.argv[1:])

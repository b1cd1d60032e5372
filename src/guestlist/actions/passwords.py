"""Passwords kept as Argon2id, and judged at the same cost whether or not there is one."""

import importlib.util
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from threading import BoundedSemaphore, Lock
from types import ModuleType
from typing import TYPE_CHECKING

from guestlist.domain.passwords import MAX_READ, normal
from guestlist.domain.refusals import Unavailable

if TYPE_CHECKING:
    from argon2 import PasswordHasher


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


@dataclass(eq=False)
class Passwords:
    """How passwords are hashed, at most `at_once` at a time; one for a process.

    OWASP's first choice for Argon2id (19 MiB, 2 passes, 1 lane) takes 30 to 40 ms of one core
    where this was measured. RFC 9106's choice for little memory (64 MiB, 3 passes, 4 lanes) takes
    200 ms and four threads: a handful of strangers at the door would then hold every core.
    """

    time_cost: int = 2
    memory_cost: int = 19 * 1_024
    at_once: int = field(default_factory=_cores)
    wait_seconds: float = 10
    # How many were done since the start; each is one Argon2 computation.
    verifications: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._places = BoundedSemaphore(self.at_once)
        self._counting = Lock()
        # Of no password: nobody computed it, and nobody will find what gives it.
        self._nobodys = (
            f"$argon2id$v=19$m={self.memory_cost},t={self.time_cost},p=1${'A' * 22}${'A' * 43}"
        )

    def hashed(self, password: str) -> str:
        """The PHC text to keep. Raises Unavailable where too many others wait."""
        with self._place():
            return self._hasher.hash(_read(password))

    def verified(self, password_hash: str | None, password: str) -> bool:
        """Always one computation, with no hash or a broken one too. Raises Unavailable."""
        is_readable = len(password) <= MAX_READ
        given = _read(password) if is_readable else b""
        with self._place():
            with self._counting:
                self.verifications += 1
            fits = self._fits(password_hash or self._nobodys, given)
        return fits and is_readable and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether it was made at another cost than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher, Type  # noqa: PLC0415 - most starts see no password

        return PasswordHasher(
            time_cost=self.time_cost, memory_cost=self.memory_cost, parallelism=1, type=Type.ID
        )

    def _fits(self, password_hash: str, given: bytes) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        try:
            return self._hasher.verify(password_hash, given)
        except InvalidHashError:
            self._fits(self._nobodys, given)
        except VerificationError:
            pass
        return False

    @contextmanager
    def _place(self) -> Generator[None]:
        if not self._places.acquire(timeout=self.wait_seconds):
            raise Unavailable("Too many people are signing in; try again in a moment.")
        try:
            yield
        finally:
            self._places.release()


def is_common(password: str) -> bool:
    """Whether it is one of the 30,000 that are found most often where passwords were stolen."""
    return password.casefold() in _common()


def _read(password: str) -> bytes:
    # What is no text at all is no password of anybody's; it must not be an error here.
    return normal(password).encode("utf-8", "surrogatepass")


@cache
def _common() -> frozenset[str]:
    listed: str | list[str] = _frequency_lists().FREQUENCY_LISTS["passwords"]
    return frozenset(listed.split(",") if isinstance(listed, str) else listed)


def _frequency_lists() -> ModuleType:
    """The data of zxcvbn alone: the package itself would build its whole matcher first."""
    package = importlib.util.find_spec("zxcvbn")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("zxcvbn")
    file = Path(package.submodule_search_locations[0]) / "frequency_lists.py"
    spec = importlib.util.spec_from_file_location("zxcvbn_frequency_lists", file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

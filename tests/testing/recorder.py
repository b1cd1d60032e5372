"""The two commands, and a twin that they are asked about, with a proxy in front of it."""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec
import pytest
from typer.testing import CliRunner, Result

from guestlist.actions import logs
from guestlist.cli.main import app
from guestlist.testing.inside import Inside
from tests.testing.between import Between, Passing

# Enough to see every kind of difference.
SHORT = (
    {"name": "all", "path": "/users", "query": {"limit": "100"}, "save": {"user": "data.0.id"}},
    {"name": "one", "path": "/users/{user}"},
    {"name": "nobody", "path": "/users/{unknown}"},
    {"name": "too few", "path": "/users", "query": {"limit": "9"}},
    {"name": "invites", "path": "/invites"},
    {"name": "quota", "path": "/api-quota"},
    {"name": "no such method", "method": "PATCH", "path": "/users", "bearer": "none"},
)
_PROGRESS = re.compile(r"^\d+ of \d+: .*\n", re.MULTILINE)


class Recorder:
    """For as long as the block. The token is in the environment."""

    def __init__(self, folder: Path, *accounts: Mapping[str, Any]) -> None:
        world = json.loads(msgspec.json.encode({"accounts": accounts})) if accounts else None
        self._stack = ExitStack()
        inside = Inside(seed=None, world=world)
        self._stack.callback(inside.close)
        self.url = inside.twin.options.public_url
        self.token = inside.twin.accounts[0].tokens[0]["token"]
        self.between = Between(self.url)
        self.folder = folder
        self.environment = {"MAILERSEND_API_TOKEN": self.token}

    def __enter__(self) -> Self:
        self._stack.enter_context(self.between)
        environment = self._stack.enter_context(pytest.MonkeyPatch.context())
        environment.delenv("MAILERSEND_API_KEY", raising=False)
        environment.delenv("MAILERSEND_API_TOKEN", raising=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def pass_as_it_is(self) -> None:
        self.between.change = lambda passing: passing
        self.between.passed.clear()
        self.environment = {"MAILERSEND_API_TOKEN": self.token}

    def run(self, *arguments: str) -> Result:
        try:
            return CliRunner().invoke(app, ["twin", *arguments], env=self.environment)
        finally:
            # What a command says of logs is for its process, which other tests are in too.
            logging.getLogger("guestlist").setLevel(logging.NOTSET)
            logs.set_up_by(lambda: None)

    def record(self, *options: str, name: str) -> Path:
        file = self.folder / name
        file.unlink(missing_ok=True)
        done = self.run("record", "--base-url", self.between.url, "--output", str(file), *options)
        assert (done.exit_code, done.stdout, said(done)) == (0, "", ""), done.output
        return file

    def refused(self, *options: str, base_url: str | None = None) -> str:
        """What record says where it writes nothing."""
        url, file = base_url or self.between.url, self.folder / "none.json"
        file.unlink(missing_ok=True)
        done = self.run("record", "--base-url", url, "--output", str(file), *options)
        assert (done.exit_code, done.stdout) == (1, ""), done.output
        assert not list(self.folder.glob("*none.json*"))
        assert "mistake in guestlist" not in done.stderr
        return said(done)

    def diff(self, file: Path, *options: str) -> dict[str, Any]:
        """What it tells programs; its exit code says whether there are differences."""
        done = self.run("diff", str(file), "--json", *options)
        assert said(done) == "", done.output
        told: dict[str, Any] = json.loads(done.stdout)["data"]
        assert done.exit_code == (1 if told["differences"] else 0)
        return told

    def differences(self, file: Path, *options: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.diff(file, *options)["differences"]
        return found

    def state(self) -> dict[str, Any]:
        """Who is in the account, and who is invited."""
        headers = {"authorization": f"Bearer {self.token}"}
        with httpx.Client(trust_env=False, headers=headers, timeout=60) as client:
            return {
                noun: client.get(f"{self.url}/v1/{noun}?limit=100").json()["data"]
                for noun in ("users", "invites")
            }

    def script(self, *steps: Mapping[str, Any], name: str = "script.json") -> str:
        """The file of one."""
        file = self.folder / name
        file.write_text(json.dumps({"name": "ours", "steps": steps}))
        return str(file)

    def asked(self, method: str, path: str) -> list[Passing]:
        return [p for p in self.between.passed if p.method == method and path in p.target]


def said(done: Result) -> str:
    """On standard error, without the progress of calls."""
    return _PROGRESS.sub("", done.stderr).strip()

"""The `guestlist` command, asked as at a terminal."""

import json
from typing import Any

from typer.testing import CliRunner

from guestlist.cli.main import app

KEY = "a-key-that-only-these-tests-know-of-32-bytes-or-more"


class Terminal:
    def run(self, *arguments: str, given: str | bytes | None = None) -> str:
        """What a command that does as told prints; `given` is its standard input."""
        done = CliRunner().invoke(app, arguments, input=given)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The data that a command prints for programs."""
        return json.loads(self.run(*arguments, "--json"))["data"]

    def refused(self, *arguments: str, given: str | bytes | None = None, code: int = 1) -> str:
        """What a command that does nothing says on standard error."""
        done = CliRunner().invoke(app, arguments, input=given)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        assert "Traceback" not in done.stderr
        assert "mistake in guestlist" not in done.stderr
        return done.stderr.strip()

    def rows(self, *arguments: str) -> list[list[str]]:
        """A table as a pipe gets it, its header first."""
        return [line.split("\t") for line in self.run(*arguments).splitlines()]

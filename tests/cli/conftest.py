import os
from pathlib import Path

import pytest

from tests.cli.terminal import KEY, Terminal


@pytest.fixture
def terminal(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """At a deployment without accounts."""
    return _at(database_url, monkeypatch, tmp_path)


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """In an empty folder, with nothing set up."""
    return _at(None, monkeypatch, tmp_path)


@pytest.fixture
def acme(terminal: Terminal) -> Terminal:
    """At a deployment with one account, whose only user is Ana."""
    options = ("--admin-email", "ana@acme.test", "--admin-name", "Ana", "--admin-last-name", "Kos")
    terminal.run("account", "create", "Acme", *options)
    return terminal


def _at(url: str | None, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Terminal:
    for name in list(os.environ):
        if name.startswith("GUESTLIST_"):
            monkeypatch.delenv(name)
    if url is not None:
        monkeypatch.setenv("GUESTLIST_DATABASE", url)
        monkeypatch.setenv("GUESTLIST_SECRET_KEY", KEY)
    monkeypatch.chdir(folder)
    return Terminal()

"""On a terminal there are tables, hints and a progress bar; in a pipe there are not."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

CREATE = ("account", "create", "Acme", "--admin-email", "ana@acme.test")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def on_a_terminal(*arguments: str, typed: str = "", code: int = 0) -> str:
    """What a person sees who types this, its colours and cursor movements aside."""
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "guestlist", *arguments]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"}
    )
    os.close(theirs)
    os.write(mine, typed.encode())
    shown = b""
    try:
        while block := os.read(mine, 65_536):
            shown += block
    except OSError:
        pass  # how Linux says that nobody is there any more
    os.close(mine)
    assert process.wait() == code, shown
    return CONTROL.sub("", shown.decode())


@pytest.fixture
def acme(nothing: Terminal) -> Terminal:
    nothing.run(*CREATE)
    return nothing


def test_a_list_is_a_table(acme: Terminal) -> None:
    acme.run("templates", "add", "[bold]\x1b[2Jnot markup")
    header, row = on_a_terminal("templates", "list").split("\r\n")[:2]
    assert header.split() == ["ID", "NAME", "TYPE", "ADDED"]
    assert r"  [bold]\x1b[2Jnot markup  rt  " in row
    acme.run("users", "invite", "bo@acme.test", "--role", "Manager")
    acme.run("users", "invite", "cleo@acme.test", "--role", "Manager")
    assert "Page 1 of 2, 2 in all" in on_a_terminal("invites", "list", "--limit", "1")
    assert "Page" not in acme.run("invites", "list", "--limit", "1")


@pytest.mark.usefixtures("acme")
def test_one_thing_is_told_key_by_key() -> None:
    lines = on_a_terminal("users", "show", "ana@acme.test").splitlines()
    assert [line.split()[:2] for line in lines if line.startswith(("email", "role"))] == [
        ["email", "ana@acme.test"],
        ["role", "Admin"],
    ]


def test_a_secret_comes_with_a_warning(acme: Terminal) -> None:
    shown = on_a_terminal("token", "create", "ci", "--scope", "users_full")
    assert "This is shown once" in shown
    assert acme.json("token", "list")[0]["name"] == "ci"


def test_a_link_that_opens_here_only_is_told_from_others(acme: Terminal) -> None:
    acme.run("users", "invite", "bo@acme.test", "--role", "Manager")
    for command in (("people", "link", "ana@acme.test"), ("invites", "link", "bo@acme.test")):
        shown = on_a_terminal(*command)
        assert "This link begins with http://localhost:8000, which opens on this machine" in shown
        assert "GUESTLIST_PUBLIC_URL" in shown
        given = on_a_terminal(*command, "--public-url", "https://people.acme.test")
        assert "this machine" not in given


def test_who_would_erase_is_asked_first(acme: Terminal) -> None:
    acme.run("account", "create", "Other", "--admin-email", "bo@acme.test")
    acme.run("account", "create", "More", "--admin-email", "ana@acme.test")
    question = "Erase ana@acme.test (ana@acme.test), in 2 accounts, for good?"
    erase = ("people", "erase", "ana@acme.test")
    assert question in on_a_terminal(*erase, typed="n\n", code=1)
    assert len(acme.json("people", "show", "ana@acme.test")["accounts"]) == 2
    assert "last Admin of Acme" in on_a_terminal(*erase, typed="y\n", code=1)


def test_a_large_import_shows_how_far_it_is(nothing: Terminal) -> None:
    users = [{"email": "ana@acme.test", "role": "Admin"}]
    users += [{"email": f"u{number}@acme.test", "role": "Designer"} for number in range(2_999)]
    Path("world.json").write_text(json.dumps({"accounts": [{"name": "Acme", "users": users}]}))
    shown = on_a_terminal("import", "world.json")
    assert "of 3,000" in shown
    assert "3,000 users" in shown
    assert nothing.json("account", "list")[0]["users"] == 3_000

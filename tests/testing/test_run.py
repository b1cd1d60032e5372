"""`guestlist twin run` is the command it runs, with a twin beside it and nothing after it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from guestlist.domain.refusals import BrokenFile
from guestlist.testing.twins import Options, Twin
from tests.testing.terminals import TWIN, around, ran

# Says who runs it and which files of theirs those have open, then each signal; one ends it.
LISTENS = """
import os, pathlib, signal, sys
heard = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
signal.pthread_sigmask(signal.SIG_BLOCK, heard)
signal.alarm(300)  # should nobody end it
files = []
for one in pathlib.Path(f"/proc/{os.getppid()}/fd").glob("*"):
    try:
        files.append(os.readlink(one))
    except FileNotFoundError:  # closed meanwhile
        pass
print(os.getppid(), *{one for one in files if "/guestlist-twin-" in one}, flush=True)
while (number := signal.sigwait(heard)) != signal.SIGTERM:
    print(number.name, flush=True)
print(number.name)
sys.exit(5)
"""
ASKS = """
import os, urllib.request
token = os.environ["MAILERSEND_API_KEY"]
request = urllib.request.Request(os.environ["MAILERSEND_API_BASE_URL"] + "/users")
request.add_header("Authorization", f"Bearer {token}")
print(urllib.request.urlopen(request).status, os.environ["GUESTLIST_TWIN_URL"], *os.environ)
"""
# Its input is what is typed at a terminal, and its output what is shown there.
AT_A_TERMINAL = """
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
"""


def test_a_command_has_its_own_input_output_and_exit_code(tmp_path: Path) -> None:
    done = ran(tmp_path, "--", "sh", "-c", "cat; echo told >&2; exit 7", given="given")
    assert (done.returncode, done.stdout, done.stderr) == (7, "given", "told\n")


def test_what_stands_behind_a_command_is_the_commands(tmp_path: Path) -> None:
    done = ran(tmp_path, "--seed", "1", "echo", "--seed", "2", "--", "-h")
    assert (done.returncode, done.stdout) == (0, "--seed 2 -- -h\n")


def test_a_command_is_told_where_the_twin_is(tmp_path: Path) -> None:
    done = ran(tmp_path, sys.executable, "-c", ASKS, environment={"NO_PROXY": "*"})
    status, url, *names = done.stdout.split()
    assert status == "200"
    assert "GUESTLIST_TWIN_TLS_URL" not in names
    at = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):  # the twin has ended too
        socket.create_connection((at.hostname, at.port))


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("guestlist-none", 127, "There is no command guestlist-none: is it installed, and on"),
        ("./guestlist-none", 127, "There is no command ./guestlist-none: is it installed, and"),
        ("/", 126, "/ cannot be run: Permission denied."),
    ],
)
def test_a_command_that_cannot_be_run_is_told(
    tmp_path: Path, command: str, code: int, said: str
) -> None:
    done = ran(tmp_path, "--tls", command)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(said)


def test_a_command_that_a_signal_ended_is_told_as_shells_do(tmp_path: Path) -> None:
    done = ran(tmp_path, "--", "sh", "-c", "kill -9 $$")
    assert (done.returncode, done.stdout, done.stderr) == (137, "", "")


def test_a_twin_that_cannot_be_runs_nothing(tmp_path: Path) -> None:
    (world := tmp_path.with_suffix(".json")).write_text("{")
    done = ran(tmp_path, "--world", str(world), "echo", "run")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not JSON" in done.stderr


def test_a_world_that_is_refused_leaves_no_database(twins_server: str) -> None:
    broken = {"accounts": [{"name": "Acme", "users": 5}]}
    with psycopg.connect(twins_server) as beside:
        twins = "SELECT count(*) FROM pg_database WHERE datname LIKE 'guestlist_twin_%'"
        before = beside.execute(twins).fetchone()
        with pytest.raises(BrokenFile):
            Twin(Options(public_url="http://127.0.0.1", database=twins_server, world=broken))
        assert beside.execute(twins).fetchone() == before


def test_options_before_run_are_not_lost_in_silence() -> None:
    done = subprocess.run(
        [*TWIN, "--tls", "run", "echo", "run"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "--tls goes behind run, as in: guestlist twin run --tls …\n"


@pytest.mark.usefixtures("signals_heard")
def test_signals_go_to_the_command_which_decides(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*TWIN, "run", "--tls", "--", sys.executable, "-c", LISTENS],
        env=around(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # no terminal
    ) as process:
        assert process.stdout is not None
        run, *open_files = process.stdout.readline().split()
        assert int(run) == process.pid
        assert all(Path(file).exists() for file in open_files)
        assert list(tmp_path.iterdir())
        for name in ("SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM"):
            process.send_signal(getattr(signal, name))
            assert process.stdout.readline() == f"{name}\n"
        assert process.stdout.read() == ""
    assert process.returncode == 5
    assert open_files
    assert not any(Path(file).exists() for file in open_files)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("signals_heard")
def test_ctrl_c_at_a_terminal_is_heard_once(tmp_path: Path) -> None:
    command = [*TWIN, "run", "--", sys.executable, "-c", LISTENS]
    with subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL, *command],
        env=around(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        bufsize=0,
    ) as terminal:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        run, *_ = terminal.stdout.readline().split()
        for key, heard in ((b"\x03", b"^CSIGINT\r\n"), (b"\x1c", b"^\\SIGQUIT\r\n")):
            terminal.stdin.write(key)
            assert terminal.stdout.readline() == heard
        os.kill(int(run), signal.SIGTERM)
        assert terminal.stdout.read() == b"SIGTERM\r\n"
    assert terminal.returncode == 5

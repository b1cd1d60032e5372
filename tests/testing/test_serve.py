"""`guestlist serve` has nothing of a twin: no control, no setting; and waits for nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from guestlist.testing.controls.routes import CONTROLS
from tests.servers import KEY, LiveServer, ServerFailed, surroundings
from tests.testing.terminals import SECONDS, loaded

GUESTLIST = [sys.executable, "-m", "guestlist"]
PATHS = sorted({f"/_twin{control.path}".replace("{id}", "eve") for control in CONTROLS})
SETTINGS = ["GUESTLIST_TWIN_SEED", "GUESTLIST_TWIN_DATABASE", "GUESTLIST_TWIN_NONSENSE"]
# One of each kind: they ask for all that is loaded where it is used.
REQUESTS = [
    ("GET", "/v1/users", {}),
    ("GET", "/openapi.json", {}),
    ("GET", "/metrics", {}),
    ("GET", "/sign-in", {}),
    ("POST", "/sign-in", {"email": "ana@acme.test", "password": "wrong"}),
    ("POST", "/sign-in/passkey/options", {}),
    ("POST", "/forgotten", {"email": "ana@acme.test"}),
]


@pytest.fixture
def own_database(migrated_file: Path, tmp_path: Path) -> str:
    """Its address."""
    file = tmp_path / "guestlist.db"
    file.write_bytes(migrated_file.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture
def server(own_database: str, tmp_path: Path) -> LiveServer:
    """Not started yet."""
    return LiveServer(own_database, tmp_path)


def test_a_server_knows_no_control(server: LiveServer) -> None:
    assert "/_twin" in PATHS
    assert "/_twin/reset" in PATHS
    with server, httpx.Client(base_url=server.base_url, trust_env=False, timeout=SECONDS) as client:
        unknown = client.get("/_nothing")
        assert unknown.status_code == 404
        for path in PATHS:
            for method in ("GET", "POST"):
                answer = client.request(method, path)
                assert (answer.status_code, answer.content) == (404, unknown.content), path


@pytest.mark.parametrize("name", SETTINGS)
def test_a_server_refuses_a_twins_setting(server: LiveServer, name: str) -> None:
    server.environment = {name: "1"}
    with pytest.raises(ServerFailed) as failed:
        server.start()
    assert str(failed.value) == (
        f"exit code 1:\n{name} is a setting of guestlist twin, and this is no twin: unset it, or"
        " run guestlist twin instead.\n"
    )
    # what `twin run` tells whatever it runs
    server.environment = {"GUESTLIST_TWIN_URL": "http://127.0.0.1:8025"}
    with server:
        assert httpx.get(f"{server.base_url}/healthz", trust_env=False).status_code == 200


def test_whoever_sends_letters_refuses_it_too(own_database: str, tmp_path: Path) -> None:
    around = surroundings() | {
        "GUESTLIST_DATABASE": own_database,
        "GUESTLIST_SECRET_KEY": KEY,
        "GUESTLIST_OUTBOX": str(tmp_path),
    }
    command = [*GUESTLIST, "outbox", "run"]
    with subprocess.Popen(command, env=around, stderr=subprocess.PIPE, text=True) as sending:
        assert sending.stderr is not None
        assert "letters" in sending.stderr.readline()
        sending.send_signal(signal.SIGTERM)
    assert sending.returncode == 0
    refused = subprocess.run(
        command,
        env=around | {"GUESTLIST_TWIN_PORT": "8025"},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("GUESTLIST_TWIN_PORT is a setting of guestlist twin")


@pytest.mark.parametrize("option", ["--seed", "--world", "--strict", "--tls"])
def test_a_server_knows_no_option_of_a_twin(tmp_path: Path, option: str) -> None:
    done = subprocess.run(
        [*GUESTLIST, "serve", option, "1"],
        cwd=tmp_path,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"No such option: {option}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_servers_first_request_waits_for_nothing_to_load(server: LiveServer) -> None:
    server.environment = {"PYTHONPROFILEIMPORTTIME": "1"}
    with server, httpx.Client(base_url=server.base_url, trust_env=False, timeout=SECONDS) as client:
        before = loaded(server.log)
        assert {"argon2", "guestlist", "webauthn"} <= before
        for method, path, form in REQUESTS:
            client.request(method, path, data=form, headers={"origin": server.public_url})
        assert loaded(server.log) - before - sys.stdlib_module_names == set()

"""What we ship works without the source tree."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "mlsn." + 64 * "5"
WORLD = {
    "accounts": [
        {
            "name": "Acme",
            "users": [{"email": "ada@acme.test", "name": "Ada", "role": "Admin"}],
            "tokens": [
                {"name": "ci", "token": TOKEN, "scopes": ["users_read"], "owner": "ada@acme.test"}
            ],
        }
    ]
}


@dataclass
class Installed:
    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [str(self.folder / "venv/bin/guestlist"), *arguments]

    @property
    def surroundings(self) -> dict[str, Any]:
        """Nothing of the source tree: neither the folder nor the search path."""
        database = f"sqlite:///{self.folder}/world.db"
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return {"cwd": self.folder, "env": {**env, "GUESTLIST_DATABASE": database}}

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=60, **self.surroundings
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout, "utf-8")


def uv(*arguments: str | Path) -> None:
    program = shutil.which("uv") or ROOT / ".uv/bin/uv"
    subprocess.run([program, *arguments, "--quiet"], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    python = ("--python", folder / "venv")
    uv("venv", folder / "venv")
    uv("pip", "sync", *python, "--require-hashes", "requirements/run.txt")
    uv("pip", "install", *python, "--no-deps", wheel)
    return Installed(folder)


@contextmanager
def served(installed: Installed) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = installed.command("serve", "--port", str(port))
    with (installed.folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, **installed.surroundings)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url, server, installed.folder / "log")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while server.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"the server does not get ready:\n{log.read_text()}")


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    package = ROOT / "src/guestlist"
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    with ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith("guestlist/")}
    shipped = {name for name in shipped if not name.endswith("/")}
    assert shipped == {path.relative_to(ROOT / "src").as_posix() for path in files}


def test_the_command_says_its_version(installed: Installed) -> None:
    assert "0.1.0" in installed.run(*installed.command("version"))


def test_the_wheel_is_what_runs(installed: Installed) -> None:
    python = str(installed.folder / "venv/bin/python")
    where = installed.run(python, "-c", "import guestlist; print(guestlist.__file__)")
    assert Path(where).is_relative_to(installed.folder)


def test_a_server_answers_for_an_imported_world(installed: Installed) -> None:
    world = installed.folder / "world.json"
    world.write_text(json.dumps(WORLD))
    installed.run(*installed.command("import", str(world)))
    with served(installed) as url:
        answer = httpx.get(f"{url}/v1/users", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == httpx.codes.OK
    assert [user["email"] for user in answer.json()["data"]] == ["ada@acme.test"]


def test_a_twin_out_of_the_wheel_answers_with_its_token(installed: Installed) -> None:
    command = installed.command("twin", "--port", "0")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, **installed.surroundings
    ) as twin:
        try:
            assert twin.stdout is not None
            told = json.loads(twin.stdout.readline())
            headers = {"authorization": f"Bearer {told['token']}"}
            answer = httpx.get(f"{told['url']}/v1/users", headers=headers, trust_env=False)
            assert answer.status_code == 200, answer.text
        finally:
            twin.terminate()


def test_the_wheel_tells_pytest_of_its_plugin(installed: Installed) -> None:
    python = str(installed.folder / "venv/bin/python")
    script = (
        "from importlib.metadata import entry_points\n"
        "print(entry_points(group='pytest11')['guestlist'].value)\n"
    )
    assert installed.run(python, "-c", script) == "guestlist.testing.plugin\n"

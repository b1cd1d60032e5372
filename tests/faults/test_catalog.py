"""A server of several processes has one vocabulary: that of the file it was started with."""

from pathlib import Path

import pytest

from tests.faults.accounts import make_account
from tests.faults.crowd import Client, runtime
from tests.servers import LiveServer, ServerFailed

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWN = """
[[groups]]
name = "Own"

[[groups.permissions]]
name = "read-book"

[[groups.permissions]]
name = "lend-book"

[[roles]]
name = "Librarian"
permissions = ["read-book", "lend-book", "read-invoice"]
"""


def test_every_worker_speaks_the_files_words_and_knows_the_others_answers(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "catalog.toml").write_text(OWN, "utf-8")
    owner = runtime(database_url)
    account = make_account(owner)
    options = ("--catalog", "catalog.toml", "--workers", "2")
    with LiveServer(database_url, tmp_path, *options) as server:
        body = {"email": "eve@acme.test", "role": "librarian"}
        tags = set()
        for number in range(20):
            with Client(server.base_url, account.token) as client:
                if not number:
                    assert client.ask("POST", "/v1/users", body).status == 200
                [invite] = client.ask("GET", "/v1/invites").json()["data"]
                assert invite["role"] == "Librarian"
                tags.add(client.ask("GET", "/v1/users").headers["etag"])
        assert len(tags) == 1
    owner.database.close()


def test_a_server_does_not_start_with_a_broken_file(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text("[[roles]]\nname = 'Admin'", "utf-8")
    server = LiveServer(database_url, tmp_path, "--catalog", "catalog.toml")
    with pytest.raises(ServerFailed, match="is the same as a role of MailerSend's"):
        server.start()

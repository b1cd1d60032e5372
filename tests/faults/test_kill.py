"""`kill -9` in the middle of writing: what was answered is there, and so is its letter."""

from collections.abc import Callable
from pathlib import Path

from guestlist.actions import outbox
from guestlist.actions.runtime import Runtime
from guestlist.domain.links import digest
from tests.faults.accounts import add_up, make_account, rows
from tests.faults.writers import Writers, shown_invites
from tests.mail import folder as folder_at
from tests.servers import LiveServer

CLIENTS = 8
KILLS = 3
WRITES_BEFORE_KILL = 200
LAST_LINE = "--\n"  # the last boundary of a MIME message


def test_what_was_answered_outlives_kill_9_with_its_letter(
    crowd_runtime: Runtime,
    database_url: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    made = crowd_runtime
    accounts = [make_account(made) for _ in range(CLIENTS)]
    rates = []
    with LiveServer(database_url, tmp_path) as server:
        writers = Writers(server, accounts)
        for round_ in range(KILLS):
            writers.start(round_)
            rates.append(writers.wait_for(WRITES_BEFORE_KILL))
            server.kill()
            writers.join()
            server.start()
        assert writers.refused == []
        for account in accounts:
            mine, shown = writers.kept_of(account), shown_invites(server, account)
            assert mine.items() <= shown.items()
            # What was in hand may have been written and not answered: one for each kill.
            assert len(shown) <= len(mine) + KILLS
    add_up(made, accounts)
    _every_letter_is_there(made, tmp_path / "outbox")
    lowest = f"{min(rates):.0f} writes/s at the time of the kill"
    record_property("summary", f"kill -9, {database_url.partition(':')[0]}: {lowest}")


def _every_letter_is_there(made: Runtime, folder: Path) -> None:
    """Once the leases of those who were killed are over."""
    later = Runtime(
        database=made.database,
        keys=made.keys,
        now=lambda account: made.now(account) + 2 * outbox.LEASE,
        random=made.random,
        public_url=made.public_url,
        invitation_life=made.invitation_life,
    )
    while outbox.send_due(later, folder_at(folder).send):
        pass
    with made.database.read() as transaction:
        pending = rows(transaction, "SELECT id, email, secret_sha256 FROM invitations")
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    by_invitation = {name.split("-")[1]: text for name, text in texts.items()}
    assert len(texts) == len(by_invitation) == len(pending)
    for wire_id, email, sha256 in pending:
        text = by_invitation[wire_id]
        assert f"To: {email}\n" in text
        assert text.endswith(LAST_LINE)
        secret = text.partition("/invitations/")[2].partition("\n")[0]
        assert digest(secret) == bytes(sha256)

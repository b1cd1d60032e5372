"""What is kept instead of counted is what counting says, whatever many clients did at once."""

import ast
import subprocess
import sys
from collections import Counter

from guestlist.actions import invitations, users
from guestlist.actions.runtime import Runtime
from guestlist.domain.pages import Page
from tests.faults.accounts import Account, add_up, make_account
from tests.servers import surroundings

PROCESSES = 2
CHANGES = 2_000
# Close to the end of the first run of places, so that many changes are on either side of it.
INVITES = [{"email": f"old{n}@acme.test", "role": "Designer"} for n in range(900)]
USERS = [
    {"email": f"user{n}@acme.test", "role": "Admin" if n < 5 else "Custom User"} for n in range(150)
]


def test_totals_are_the_counted_rows_after_random_changes_by_two_processes(
    crowd_runtime: Runtime, database_url: str
) -> None:
    for user in USERS:
        user["permissions"] = ["read-email"]  # type: ignore[assignment]
    accounts = [
        make_account(crowd_runtime, users=USERS, invites=INVITES),
        make_account(crowd_runtime, users=USERS[:20]),
    ]
    keys = [str(account.key) for account in accounts]
    command = [sys.executable, "-m", "tests.faults.changes", database_url]
    running = [
        subprocess.Popen(
            [*command, str(seed), str(CHANGES // PROCESSES), *keys],
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for seed in range(PROCESSES)
    ]
    outcomes: Counter[str] = Counter()
    for process in running:
        said, wrong = process.communicate(timeout=60)
        assert process.returncode == 0, wrong.decode()
        outcomes += ast.literal_eval(said.decode())
    assert sum(outcomes.values()) == CHANGES
    assert len(outcomes) >= 8, outcomes
    add_up(crowd_runtime, accounts)
    for account in accounts:
        _pages_hold_what_totals_say(crowd_runtime, account)


def _pages_hold_what_totals_say(runtime: Runtime, account: Account) -> None:
    for listed in (_users, _invitations):
        total, seen = listed(runtime, account)
        assert len(seen) == len(set(seen)) == total


def _users(runtime: Runtime, account: Account) -> tuple[int, list[str]]:
    first = users.list_users(runtime, account.operator, Page(1, 100))
    pages = [users.list_users(runtime, account.operator, Page(n, 100)) for n in range(1, 20)]
    return first.total, [user.id for page in pages for user in page.users]


def _invitations(runtime: Runtime, account: Account) -> tuple[int, list[str]]:
    first = invitations.list_invitations(runtime, account.operator, Page(1, 100))
    pages = [
        invitations.list_invitations(runtime, account.operator, Page(n, 100)) for n in range(1, 20)
    ]
    return first.total, [invite.id for page in pages for invite in page.invitations]

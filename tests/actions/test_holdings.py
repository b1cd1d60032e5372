"""What users hold is remembered, within bounds, for one revision."""

from guestlist.actions.holdings import MOST_ACCOUNTS, Holdings
from guestlist.domain import decisions
from guestlist.domain.access import Grant
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.things import Things

PLACES = decisions.places("acme", Things({}, {}))
SMALL = decisions.holder(MAILERSEND, "u1", Grant("Designer"), is_suspended=False)
LARGE = decisions.holder(
    MAILERSEND, "u2", Grant("Custom User", domains=tuple(range(1_000))), is_suspended=False
)


def test_another_revision_takes_the_place_of_all_there_was() -> None:
    holdings = Holdings()
    holdings.keep(1, 7, PLACES, {"ana": SMALL, "bob": None})
    holdings.keep(1, 7, PLACES, {"cleo": SMALL})
    found = holdings.at(1, 7)
    assert found is not None
    assert found.holders == {"ana": SMALL, "bob": None, "cleo": SMALL}
    assert holdings.at(1, 8) is None
    assert holdings.at(2, 7) is None
    holdings.keep(1, 8, PLACES, {})
    assert holdings.at(1, 7) is None
    now = holdings.at(1, 8)
    assert now is not None
    assert now.holders == {}


def test_who_was_asked_about_longest_ago_goes_first() -> None:
    holdings = Holdings(most_bytes=3_000)
    for account in (1, 2, 3, 1, 4):
        holdings.keep(account, 7, PLACES, {f"of {account}": SMALL})
    assert [holdings.at(account, 7) is not None for account in (1, 2, 3, 4)] == 4 * [True]
    holdings.keep(5, 7, PLACES, {"of 5": SMALL})
    assert [holdings.at(account, 7) is not None for account in (1, 2, 3, 4, 5)] == [
        True,
        False,
        True,
        True,
        True,
    ]


def test_long_lists_count_for_more_and_one_account_has_bounds_too() -> None:
    holdings = Holdings(most_bytes=60_000)
    for number in range(1_000):
        holdings.keep(1, 7, PLACES, {str(number): None})
        found = holdings.at(1, 7)
        assert found is None or len(found.holders) <= 100
    holdings.keep(1, 7, PLACES, {"x": LARGE})
    assert holdings.at(1, 7) is None
    holdings.keep(1, 7, PLACES, {"x": SMALL})
    assert holdings.at(1, 7) is not None


def test_so_many_accounts_are_remembered() -> None:
    holdings = Holdings()
    for account in range(2 * MOST_ACCOUNTS):
        holdings.keep(account, 7, PLACES, {})
    kept = [account for account in range(2 * MOST_ACCOUNTS) if holdings.at(account, 7)]
    assert kept == list(range(MOST_ACCOUNTS, 2 * MOST_ACCOUNTS))

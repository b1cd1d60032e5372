"""The pytest plugin. Nothing else of Guestlist is loaded until a test asks for a fixture."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from guestlist.testing.handles import Account, Clock, Faults, Guestlist, Outbox, Twin

MARKER = "guestlist"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**document): what the account of a test begins with, as an import reads one",
    )


@pytest.fixture(scope="session")
def guestlist_twin() -> "Twin":
    """The twin of this process, which each worker of pytest-xdist has; see `guestlist`.

    Where GUESTLIST_TWIN_URL is set, it is the one that runs there.
    """
    from guestlist.testing import inside  # noqa: PLC0415 - whoever asks for no fixture waits not

    return inside.twin()


@pytest.fixture
def guestlist_account(
    request: pytest.FixtureRequest, guestlist_twin: "Twin"
) -> "Iterator[Account]":
    """An account and a token for this test, thrown away after it.

    Its ids are the same every time, in whatever order or process tests run. What it begins with is
    said by the nearest mark, as in `@pytest.mark.guestlist(domains=[{"name": "acme.test"}])`.
    """
    mark = request.node.get_closest_marker(MARKER)
    account = guestlist_twin.new_account(mark.kwargs if mark else {}, realm=_name(request))
    yield account
    account.drop()


@pytest.fixture
def guestlist(
    request: pytest.FixtureRequest, guestlist_twin: "Twin", guestlist_account: "Account"
) -> "Iterator[Guestlist]":
    """The twin in this test's hands: its URL, the token of `guestlist_account`, and applications.

    Clients reach it by `base_url` over a socket, or in process by `asgi` and `wsgi`.
    """
    from guestlist.testing.handles import Guestlist  # noqa: PLC0415 - as above

    held = Guestlist(guestlist_twin, guestlist_account, realm=_name(request))
    yield held
    held.close()


@pytest.fixture
def guestlist_clock(guestlist_account: "Account") -> "Clock":
    """The clock of `guestlist_account`, standing still until it is moved."""
    return guestlist_account.clock


@pytest.fixture
def guestlist_outbox(guestlist_account: "Account") -> "Outbox":
    """The letters of `guestlist_account`."""
    return guestlist_account.outbox


@pytest.fixture
def guestlist_faults(guestlist_account: "Account") -> "Faults":
    """What goes wrong for `guestlist_account`, and when."""
    return guestlist_account.faults


def _name(request: pytest.FixtureRequest) -> str:
    """The test's own. Its `nodeid` would do, but for xdist, which may add a group to it."""
    item = request.node
    return f"{item.parent.nodeid}::{item.name}"

"""The same as the pytest plugin's fixtures, for unittest."""

from collections.abc import Mapping
from typing import Any, ClassVar
from unittest import TestCase

from guestlist.testing import inside
from guestlist.testing.handles import Account, Clock, Faults, Guestlist, Outbox


class GuestlistMixin(TestCase):
    """Gives each test an account of its own, thrown away after it; goes before other base classes.

    `guestlist_document` says what it begins with, as an import reads an account.
    """

    guestlist_document: ClassVar[Mapping[str, Any]] = {}

    guestlist: Guestlist
    guestlist_account: Account
    guestlist_clock: Clock
    guestlist_outbox: Outbox
    guestlist_faults: Faults

    def setUp(self) -> None:
        super().setUp()
        twin = inside.twin()
        account = twin.new_account(self.guestlist_document, realm=self.id())
        self.addCleanup(account.drop)
        self.guestlist = Guestlist(twin, account, realm=self.id())
        self.addCleanup(self.guestlist.close)
        self.guestlist_account = account
        self.guestlist_clock = account.clock
        self.guestlist_outbox = account.outbox
        self.guestlist_faults = account.faults

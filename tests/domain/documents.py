"""Documents to read, and the faults of broken ones."""

from typing import Any

import pytest

from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.refusals import BrokenFile
from guestlist.domain.worlds import accounts
from guestlist.domain.worlds.accounts import NewAccount

ANA = {"email": "ana@acme.test", "role": "Admin"}
BO = {"email": "bo@acme.test", "role": "Manager"}


def account(**keys: Any) -> dict[str, Any]:
    return {"name": "Acme", "users": [ANA, BO], **keys}


def read(**keys: Any) -> NewAccount:
    [found] = accounts.read({"accounts": [account(**keys)]}, MAILERSEND)
    return found


def faults(document: Any) -> dict[str, str]:
    with pytest.raises(BrokenFile) as refusal:
        accounts.read(document, MAILERSEND)
    return dict(refusal.value.faults)


def in_account(**keys: Any) -> dict[str, str]:
    """The faults of an account that is well but for these keys, by path within it."""
    found = faults({"accounts": [account(**keys)]})
    return {path.removeprefix("accounts[0]."): wrong for path, wrong in found.items()}

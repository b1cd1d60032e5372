"""What a test holds of a twin: a client of its controls, of the standard library alone."""

from guestlist.testing.handles.accounts import Account
from guestlist.testing.handles.clock import Clock
from guestlist.testing.handles.controls import Controls, Refused
from guestlist.testing.handles.faults import Faults
from guestlist.testing.handles.outbox import Letter, NoLetter, Outbox
from guestlist.testing.handles.twins import ASGI, WSGI, Elsewhere, Guestlist, Twin

__all__ = [
    "ASGI",
    "WSGI",
    "Account",
    "Clock",
    "Controls",
    "Elsewhere",
    "Faults",
    "Guestlist",
    "Letter",
    "NoLetter",
    "Outbox",
    "Refused",
    "Twin",
]

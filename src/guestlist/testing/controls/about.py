"""What this twin is, and how to reach it."""

from typing import Any

from guestlist import __version__
from guestlist.testing.controls.accounts import told
from guestlist.testing.controls.asks import Ask
from guestlist.testing.controls.clock import told as told_clock


async def show(ask: Ask) -> Any:
    twin = ask.twin
    return {
        "version": __version__,
        "seed": twin.seed,
        "url": twin.options.public_url,
        "clock": told_clock(ask.one.clock),
        "accounts": [told(account) for account in twin.accounts],
    }

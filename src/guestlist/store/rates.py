"""How often each account asked in the current window, on all processes together."""

from sqlalchemy import text

from guestlist.store.database import Database
from guestlist.store.statements import Statement

_COUNT = Statement(
    text(
        'INSERT INTO rates (account, "window", used) VALUES (:account, :window, 1)'
        " ON CONFLICT (account) DO UPDATE SET"
        ' used = CASE WHEN rates."window" = excluded."window" THEN rates.used + 1 ELSE 1 END,'
        ' "window" = excluded."window"'
        " RETURNING used"
    )
)


def count(database: Database, account: int, window: int) -> int:
    """Counts one request in a window and returns how many it has seen, this one included."""
    row = database.only(_COUNT, account=account, window=window)
    return int(row[0])

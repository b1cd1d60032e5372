"""Where a page of a long list begins: kept counts per run of places, so that nothing is skipped."""

from sqlalchemy import BigInteger, bindparam, cast, func, select, text

from guestlist.store.database import Transaction
from guestlist.store.schema import blocks
from guestlist.store.statements import Statement

SIZE = 1024

_MORE = Statement(
    text(
        "INSERT INTO blocks (account, list, block, live) VALUES (:account, :list, :block, :more)"
        " ON CONFLICT (account, list, block) DO UPDATE SET live = blocks.live + excluded.live"
    )
)
_LESS = Statement(
    text(
        "UPDATE blocks SET live = live - 1"
        " WHERE account = :account AND list = :list AND block = :block"
    )
)


def _start() -> Statement:
    """The last block before which no more than `offset` rows live, and how many those are."""
    running = func.sum(blocks.c.live).over(order_by=blocks.c.block) - blocks.c.live
    counted = (
        select(blocks.c.block, cast(running, BigInteger).label("earlier"))
        .where(blocks.c.account == bindparam("account"), blocks.c.list == bindparam("list"))
        .subquery()
    )
    return Statement(
        select(counted.c.block, counted.c.earlier)
        .where(counted.c.earlier <= bindparam("offset"))
        .order_by(counted.c.block.desc())
        .limit(1)
    )


_START = _start()


def start(transaction: Transaction, account: int, name: str, offset: int) -> tuple[int, int]:
    """The place to read from, and how many rows to skip there: fewer than a block holds."""
    if offset < SIZE:
        return 0, offset
    row = transaction.one(_START, account=account, list=name, offset=offset)
    return (0, offset) if row is None else (row[0] * SIZE, offset - row[1])


def entered(transaction: Transaction, account: int, name: str, place: int, rows: int = 1) -> None:
    """`rows` came to consecutive places from `place` on."""
    end = place + rows
    while place < end:
        more = min(end, (place // SIZE + 1) * SIZE) - place
        transaction.run(_MORE, account=account, list=name, block=place // SIZE, more=more)
        place += more


def left(transaction: Transaction, account: int, name: str, place: int) -> None:
    transaction.run(_LESS, account=account, list=name, block=place // SIZE)

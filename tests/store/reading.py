"""What is in the tables, past every door."""

from typing import Any

from sqlalchemy import Table, select

from guestlist.store import accounts
from guestlist.store.schema import metadata
from guestlist.store.statements import Statement
from tests.stand import Stand, Team


def rows(stand: Stand, table: Table) -> list[dict[str, Any]]:
    """All rows, in the order of their keys."""
    names = [column.name for column in table.c]
    query = Statement(select(table).order_by(*table.primary_key))
    with stand.runtime.database.read() as transaction:
        return [dict(zip(names, row, strict=True)) for row in transaction.all(query)]


def everything(stand: Stand) -> dict[str, list[dict[str, Any]]]:
    return {table.name: rows(stand, table) for table in metadata.sorted_tables}


def revision(team: Team) -> int:
    with team.stand.runtime.database.read() as transaction:
        return accounts.get(transaction, team.operator.account).revision

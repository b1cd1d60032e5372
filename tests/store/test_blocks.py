"""Where a page begins: kept counts must find the place that skipping from the start would."""

import random

from sqlalchemy import select

from guestlist.store import blocks, schema
from guestlist.store.blocks import SIZE
from guestlist.store.statements import Statement
from tests.stand import Team

KIND = "test"


def test_rows_are_counted_in_the_blocks_of_their_places(team: Team) -> None:
    account = team.operator.account
    table = schema.blocks
    kept = Statement(select(table.c.block, table.c.live).where(table.c.list == KIND))
    with team.stand.runtime.database.change() as transaction:
        blocks.entered(transaction, account, KIND, SIZE - 10, 2 * SIZE + 15)
        blocks.entered(transaction, account, KIND, 3 * SIZE + 5)
        blocks.left(transaction, account, KIND, SIZE)
        blocks.left(transaction, account, KIND, SIZE)
        found = {row[0]: row[1] for row in transaction.all(kept)}
    assert found == {0: 10, 1: SIZE - 2, 2: SIZE, 3: 6}


def test_every_offset_leads_to_the_row_that_skipping_would(team: Team) -> None:
    chance = random.Random(11)  # noqa: S311 - the same story every time
    account, total = team.operator.account, 6 * SIZE + 17
    # the first block thin, the second and third empty, the fifth full, others with holes
    living = {place: chance.random() for place in range(total)}
    share = {0: 0.02, 1: 0.0, 2: 0.0, 4: 1.0}
    places = [p for p, chosen in living.items() if chosen < share.get(p // SIZE, 0.7)]
    with team.stand.runtime.database.change() as transaction:
        blocks.entered(transaction, account, KIND, 0, total)
        for block in range(total // SIZE + 1):
            gone = sum(p // SIZE == block for p in living) - sum(p // SIZE == block for p in places)
            for _ in range(gone):
                blocks.left(transaction, account, KIND, block * SIZE)
        for offset in [*range(0, len(places), 97), SIZE - 1, SIZE, len(places) - 1]:
            start, skip = blocks.start(transaction, account, KIND, offset)
            after = [place for place in places if place >= start]
            assert after[skip] == places[offset]
            assert skip < SIZE
        start, skip = blocks.start(transaction, account, KIND, 10**11)
        assert len([place for place in places if place >= start]) <= skip


def test_a_list_without_blocks_begins_at_its_start(team: Team) -> None:
    with team.stand.runtime.database.read() as transaction:
        assert blocks.start(transaction, team.operator.account, "none", 5 * SIZE) == (0, 5 * SIZE)

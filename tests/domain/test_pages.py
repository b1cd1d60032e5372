"""Which page was asked for, and which numbers a pager shows."""

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.pages import LAST_CONCEIVABLE, Page, last_page, window

NUMBERS = st.integers(1, 400)


@given(NUMBERS | st.just(10**12), NUMBERS)
def test_a_pager_shows_both_ends_and_where_one_is(current: int, last: int) -> None:
    shown = window(current, last)
    numbers = [number for number in shown if number is not None]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == (1, last)
    assert (current in numbers) == (current <= last)
    assert len(shown) <= 13
    for before, gap, after in zip(shown, shown[1:], shown[2:], strict=False):
        if gap is None:
            assert before is not None
            assert after is not None
            assert after - before > 1
        elif before is not None:
            assert gap == before + 1
    if last <= 13:
        assert None not in shown
    if 7 < current <= last - 7:
        assert set(range(current - 3, current + 4)) <= set(numbers)


@given(st.integers(0, 10**6), st.integers(10, 100))
def test_every_row_is_on_one_page(total: int, size: int) -> None:
    last = last_page(total, size)
    assert last >= 1
    assert (last - 1) * size < max(total, 1) <= last * size


@given(st.integers(1, 2**63 - 1), st.integers(10, 100))
def test_an_offset_always_fits_a_databases_integer(number: int, size: int) -> None:
    offset = Page(number, size).offset
    assert 0 <= offset < 2**63
    assert offset == (min(number, LAST_CONCEIVABLE) - 1) * size

"""The wire's two kinds of pages (contract, section 5)."""

from typing import Any

from msgspec import Struct, field

from guestlist.domain.pages import Page, last_page, window

_PREVIOUS = "&laquo; Previous"
_NEXT = "Next &raquo;"


class PageLinks(Struct, frozen=True):
    first: str
    last: str
    prev: str | None
    next: str | None


class PageLabel(Struct, frozen=True):
    """What a pager shows: the page before, numbers with gaps, the page after."""

    url: str | None
    label: str
    active: bool


class PageMeta(Struct, frozen=True):
    current_page: int
    from_: int | None = field(name="from")
    last_page: int
    links: list[PageLabel]
    path: str
    per_page: int
    to: int | None
    total: int


class SimplePageLinks(Struct, frozen=True):
    """`next` is null on the last page; which page that is, is not told before."""

    first: str
    last: None
    prev: str | None
    next: str | None


class SimplePageMeta(Struct, frozen=True):
    current_page: int
    from_: int | None = field(name="from")
    path: str
    per_page: int
    to: int | None


def length_aware(
    base: str, page: Page, *, total: int, shown: int, kept: tuple[tuple[str, int], ...] = ()
) -> dict[str, Any]:
    """`links` and `meta` of a list whose length is known. `base` is the list's absolute URL.

    `kept` are the query's parameters that go before `page` in every URL.
    """
    prefix = "".join(f"{name}={value}&" for name, value in kept)

    def url(number: int) -> str:
        return f"{base}?{prefix}page={number}"

    last = last_page(total, page.size)
    before = url(page.number - 1) if page.number > 1 else None
    after = url(page.number + 1) if page.number < last else None
    numbers = [
        PageLabel(None, "...", active=False)
        if number is None
        else PageLabel(url(number), str(number), active=number == page.number)
        for number in window(page.number, last)
    ]
    return {
        "links": PageLinks(url(1), url(last), before, after),
        "meta": PageMeta(
            current_page=page.number,
            from_=page.offset + 1 if shown else None,
            last_page=last,
            links=[
                PageLabel(before, _PREVIOUS, active=False),
                *numbers,
                PageLabel(after, _NEXT, active=False),
            ],
            path=base,
            per_page=page.size,
            to=page.offset + shown if shown else None,
            total=total,
        ),
    }


def simple(base: str, page: Page, *, shown: int, more: bool) -> dict[str, Any]:
    """`links` and `meta` of a list that only says whether there is more."""
    return {
        "links": SimplePageLinks(
            first=f"{base}?page=1",
            last=None,
            prev=f"{base}?page={page.number - 1}" if page.number > 1 else None,
            next=f"{base}?page={page.number + 1}" if more else None,
        ),
        "meta": SimplePageMeta(
            current_page=page.number,
            from_=page.offset + 1 if shown else None,
            path=base,
            per_page=page.size,
            to=page.offset + shown if shown else None,
        ),
    }

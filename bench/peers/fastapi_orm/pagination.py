"""Length-aware pagination: links and meta of a page."""

from __future__ import annotations

from documents import Links, Meta, MetaLink


def paginate(path: str, *, page: int, limit: int, shown: int, total: int) -> tuple[Links, Meta]:
    """Answer the links and the meta of a page that shows this many of all rows."""
    last = max(1, -(-total // limit))
    previous = _url(path, page - 1) if page > 1 else None
    following = _url(path, page + 1) if page < last else None
    buttons = [MetaLink(url=previous, label="&laquo; Previous", active=False)]
    for number in _window(page, last):
        if number is None:
            buttons.append(MetaLink(url=None, label="...", active=False))
        else:
            active = number == page
            buttons.append(MetaLink(url=_url(path, number), label=str(number), active=active))
    buttons.append(MetaLink(url=following, label="Next &raquo;", active=False))
    first_row = (page - 1) * limit + 1
    links = Links(first=_url(path, 1), last=_url(path, last), prev=previous, next=following)
    meta = Meta.model_validate(
        {
            "current_page": page,
            "from": first_row if shown else None,
            "last_page": last,
            "links": buttons,
            "path": path,
            "per_page": limit,
            "to": first_row + shown - 1 if shown else None,
            "total": total,
        }
    )
    return links, meta


def _url(path: str, page: int) -> str:
    return f"{path}?page={page}"


def _window(page: int, last: int) -> list[int | None]:
    """Answer the page numbers to list; None is a gap."""
    if last <= 13:
        return list(range(1, last + 1))
    if page <= 7:
        return [*range(1, 11), None, last - 1, last]
    if page > last - 7:
        return [1, 2, None, *range(last - 9, last + 1)]
    return [1, 2, None, *range(page - 3, page + 4), None, last - 1, last]

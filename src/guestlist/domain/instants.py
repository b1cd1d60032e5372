"""Instants as files write them; everywhere else they are microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC) - _EPOCH
_MICROSECOND = timedelta(microseconds=1)


def parse(text: str) -> int:
    """Reads an ISO date and time with `Z` or an offset, from 1970 to 9999. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    since = moment - _EPOCH
    if not timedelta() <= since <= _END:
        raise ValueError(text)
    return since // _MICROSECOND


def moment(text: str) -> int:
    """The same, where a date alone is the day's beginning in UTC. Raises ValueError."""
    return parse(text if "T" in text else f"{text}T00:00:00Z")


def written(microseconds: int) -> str:
    """To the last microsecond, so that `parse` reads the same instant."""
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

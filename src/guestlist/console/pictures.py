"""What pages are made of beside words: style, scripts, avatars."""

from guestlist.actions import avatars
from guestlist.console import assets
from guestlist.console.answers import Answer
from guestlist.console.asks import Ask
from guestlist.domain.refusals import NotFound

# An avatar's id is new with every picture.
_A_DAY = "public, max-age=86400, immutable"


def asset(ask: Ask) -> Answer:
    found = assets.show(ask.path["name"])
    if found is None:
        raise NotFound
    return found


def avatar(ask: Ask) -> Answer:
    body = avatars.avatar(ask.runtime, ask.path["id"])
    if body is None:
        raise NotFound
    return Answer(body=body, content_type=avatars.MEDIA_TYPE, headers={"cache-control": _A_DAY})

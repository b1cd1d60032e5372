"""Reading what a browser posts, and knowing that it was one of our own forms."""

import base64
import hmac
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from guestlist.actions.parties import Party
from guestlist.bodies import Bodies, Gone, TooLarge, TooSlow
from guestlist.console.asks import Ask, Page
from guestlist.domain import links

FORM_KEY_BYTES = 16
MAX_FIELDS = 60
MAX_FORM = 64 * 1_024
MAX_UPLOAD = 6 * 1_024 * 1_024
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


class Broken(Exception):
    """What was posted is not what a form of ours sends; `status` says how."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@asynccontextmanager
async def read(
    request: Request, page: Page, bodies: Bodies
) -> AsyncGenerator[tuple[dict[str, str], bytes]]:
    """The fields of a form, and the bytes of its file, held for as long as the block.

    Raises Broken, Unavailable.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != (_MULTIPART if page.upload else _URLENCODED):
        raise Broken(415)
    most = MAX_UPLOAD if page.upload else MAX_FORM
    try:
        async with bodies.read(request.scope, request.receive, most=most) as body:
            yield await _parsed(request, body)
    except TooLarge as error:
        raise Broken(413) from error
    except TooSlow as error:
        raise Broken(408) from error
    except Gone as error:
        raise Broken(400) from error


async def _parsed(request: Request, body: bytes) -> tuple[dict[str, str], bytes]:
    request._body = body  # noqa: SLF001 - where Starlette keeps what was read already
    try:
        async with request.form(
            max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FORM
        ) as posted:
            return await _fields(posted.multi_items())
    except (HTTPException, MultiPartException, ValueError) as error:
        raise Broken(400) from error


async def _fields(items: list[tuple[str, UploadFile | str]]) -> tuple[dict[str, str], bytes]:
    form: dict[str, str] = {}
    upload = b""
    for name, value in items:
        if isinstance(value, str):
            form[name] = value
        else:
            upload = await value.read()
    if any("\0" in value for value in form.values()):
        raise Broken(400)
    return form, upload


def new_key(random: bytes) -> str:
    """What ties a browser's forms to it, kept in a cookie."""
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def token(ask: Ask) -> str:
    """What a form carries: good for this browser, this session and this opened link only."""
    about = f"{ask.form_key}\0{ask.secret}\0{ask.link}"
    return ask.runtime.keys.form_token(links.digest(about))


def check(ask: Ask, headers: Mapping[str, str]) -> None:
    """Raises Broken where another site could have made the browser post this."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Broken(403)
    # Browsers say "null" for pages that send no referrer, ours too: then the token alone decides.
    if headers.get("origin", "null") not in {"null", Party.of(ask.runtime.public_url).origin}:
        raise Broken(403)
    given = ask.typed("form").encode("utf-8", "replace")
    if not ask.form_key or not hmac.compare_digest(given, token(ask).encode()):
        raise Broken(403)

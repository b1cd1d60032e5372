"""Pictures of people: whatever is uploaded is drawn anew before it is kept or shown."""

import io
from threading import Lock

from guestlist.actions.runtime import Runtime
from guestlist.domain import ids
from guestlist.domain.refusals import Fault, Invalid, Rule, Unavailable
from guestlist.store import avatars
from guestlist.store.database import Transaction

FIELD = "avatar"
MEDIA_TYPE = "image/webp"
PATH = "/avatars/"
SIZE = 256
MAX_MIB = 5
MAX_BYTES = MAX_MIB * 1_024 * 1_024
MAX_MEGAPIXELS = 40
WAIT_SECONDS = 10
_ORIENTATION = 0x0112
_SHRUNK_AS_THEY_ARE = {"L", "RGB", "RGBA"}
# At its largest a picture takes half a gigabyte while it is read.
_ONE_AT_A_TIME = Lock()
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def re_encoded(upload: bytes) -> bytes:
    """The middle square of a picture, 256 by 256, as WebP with nothing beside its pixels.

    Raises Invalid for what is no picture, or too large a one; Unavailable.
    """
    from PIL import Image  # noqa: PLC0415 - most starts draw no picture

    if len(upload) > MAX_BYTES:
        raise _invalid(Rule.PICTURE_BYTES, MAX_MIB)
    if not _ONE_AT_A_TIME.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Too many pictures are being uploaded; try again in a moment.")
    try:
        return _drawn(upload)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _invalid(Rule.PICTURE_PIXELS, MAX_MEGAPIXELS) from error
    except Invalid:
        raise
    # Its decoders raise whatever a stranger's bytes drive them to, and each means the same.
    except Exception as error:
        raise _invalid(Rule.PICTURE) from error
    finally:
        _ONE_AT_A_TIME.release()


def avatar(runtime: Runtime, avatar_id: str) -> bytes | None:
    """A picture that anybody may see who knows its id; None where there is none (any more)."""
    if not ids.is_wire_id(avatar_id):
        return None
    with runtime.database.read() as transaction:
        return avatars.body(transaction, avatar_id)


def keep(transaction: Transaction, person: int, *, picture: bytes, avatar_id: str) -> None:
    """Part of a person's change: `picture` is what `re_encoded` gave, `avatar_id` a new wire id."""
    path = f"{PATH}{avatar_id}"
    avatars.keep(transaction, person, avatar_id=avatar_id, body=picture, path=path)


def remove(transaction: Transaction, person: int) -> None:
    """Part of a person's change."""
    avatars.remove(transaction, person)


def _drawn(upload: bytes) -> bytes:
    from PIL import Image, ImageOps  # noqa: PLC0415

    with Image.open(io.BytesIO(upload), formats=_FORMATS) as picture:
        width, height = picture.size
        if width * height > MAX_MEGAPIXELS * 1_000_000:
            raise _invalid(Rule.PICTURE_PIXELS, MAX_MEGAPIXELS)
        picture.draft("RGB", (SIZE, SIZE))
        colours = picture if picture.mode in _SHRUNK_AS_THEY_ARE else picture.convert("RGBA")
        square = ImageOps.fit(colours, (SIZE, SIZE))
        # The middle square is the same whichever way is up, and turns at no cost.
        square.getexif()[_ORIENTATION] = picture.getexif().get(_ORIENTATION, 1)
        upright = ImageOps.exif_transpose(square).convert("RGBA")
    # A new one, into which nothing was read but pixels: no place, no camera, no comment.
    bare = Image.frombytes("RGBA", upright.size, upright.tobytes())
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()


def _invalid(rule: Rule, limit: int = 0) -> Invalid:
    return Invalid([Fault(FIELD, rule, limit)])

"""Whatever is uploaded is drawn anew, small and bare, or refused."""

import io
import struct
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image, PngImagePlugin

from guestlist.actions import avatars
from guestlist.domain.refusals import Invalid, Rule
from guestlist.store import people
from tests.stand import START, Stand, Team


def picture(kind: str = "PNG", *, size: tuple[int, int] = (600, 300), **more: object) -> bytes:
    """Left half red, right half blue."""
    made = Image.new("RGB", size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, kind, **more)
    return out.getvalue()


def drawn(upload: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(avatars.re_encoded(upload)))
    assert (made.format, made.size) == ("WEBP", (256, 256))
    assert not made.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(made.info)
    return made.convert("RGB")


def is_red(made: Image.Image, x: int, y: int) -> bool:
    red, _, blue = made.getpixel((x, y))  # type: ignore[misc]
    return bool(red > blue)


def header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and little else."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", fields), (b"IDAT", zlib.compress(b"\0" * 1_000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_square(kind: str) -> None:
    made = drawn(picture(kind))
    assert is_red(made, 10, 128)
    assert not is_red(made, 246, 128)


def test_the_first_picture_of_a_film_is_taken() -> None:
    film = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    film[0].save(out, "GIF", save_all=True, append_images=film[1:])
    assert is_red(drawn(out.getvalue()), 128, 128)


def test_a_picture_is_turned_upright_and_tells_nothing_else() -> None:
    told = Image.Exif()
    told[0x0112] = 6
    told[0x010F] = "A camera"
    told[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}
    upload = picture("JPEG", exif=told, comment=b"at home", icc_profile=b"profile")
    made = drawn(upload)
    assert is_red(made, 128, 10)
    assert not is_red(made, 128, 246)
    again = avatars.re_encoded(upload)
    assert not any(word in again for word in (b"camera", b"home", b"profile", b"EXIF"))
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "at home")
    assert b"home" not in avatars.re_encoded(picture(pnginfo=text))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_kind_of_pixel_are_drawn(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (20, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    drawn(out.getvalue())


@pytest.mark.parametrize(
    ("upload", "rule"),
    [
        (b"", Rule.PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Rule.PICTURE),
        (picture()[:-200], Rule.PICTURE),
        (picture("JPEG")[:400], Rule.PICTURE),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, Rule.PICTURE),
        (header(100, 100), Rule.PICTURE),
        (picture("BMP"), Rule.PICTURE),
        (picture("TIFF"), Rule.PICTURE),
        (picture() + b"\0" * avatars.MAX_BYTES, Rule.PICTURE_BYTES),
        (header(8_000, 5_001), Rule.PICTURE_PIXELS),
        (header(12_000, 9_000), Rule.PICTURE_PIXELS),
        (header(60_000, 60_000), Rule.PICTURE_PIXELS),
    ],
)
def test_what_is_no_picture_or_too_large_a_one_is_refused(upload: bytes, rule: Rule) -> None:
    with pytest.raises(Invalid) as refused:
        avatars.re_encoded(upload)
    [fault] = refused.value.faults
    assert (fault.field, fault.rule) == ("avatar", rule)


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url) as stand:
        yield Team(stand)


def test_a_picture_is_shown_at_an_address_of_its_own_until_it_is_replaced(team: Team) -> None:
    runtime = team.stand.runtime
    ana = people.find(runtime.database, "ana@acme.test")
    assert ana is not None
    body = avatars.re_encoded(picture())
    for avatar_id in ("av0000000000one", "av0000000000two"):
        with runtime.database.change() as transaction:
            avatars.keep(transaction, ana.key, picture=body, avatar_id=avatar_id)
            people.change(transaction, ana.key, updated_at=START)
    assert avatars.avatar(runtime, "av0000000000two") == body
    for gone in ("av0000000000one", "", "../x", "x" * 1_000):
        assert avatars.avatar(runtime, gone) is None
    shown = team.get("/v1/users/user00000000ana").json()["data"]["avatar"]
    assert shown == "http://guestlist.test/avatars/av0000000000two"
    assert team.kept()["users"][0]["avatar"] == shown
    with runtime.database.change() as transaction:
        avatars.remove(transaction, ana.key)
    assert avatars.avatar(runtime, "av0000000000two") is None
    assert team.kept()["users"][0]["avatar"] is None

"""A letter as a message: what a mail client reads, parsed as one would."""

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.delivery import messages
from guestlist.delivery.messages import Stationery
from guestlist.domain.letters import Kind, Undeliverable
from tests.delivery.letters import LINK, letter

HOST = "people.acme.test"
LONG_HOST = ".".join(["h" * 60] * 3) + ".test"


@pytest.fixture
def stationery() -> Stationery:
    return messages.stationery(f"https://{HOST}:8443/x", sender=None)


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_letter_is_two_forms_of_one_automatic_message(
    stationery: Stationery, kind: Kind, language: str
) -> None:
    raw = stationery.envelope(letter(kind, language)).bytes()
    made = parsed(raw)
    assert made.get_content_type() == "multipart/alternative"
    text, html = made.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert (LINK in text.get_content()) == (LINK in html.get_content())
    assert made["From"].addresses[0].addr_spec == f"no-reply@{HOST}"
    assert made["To"].addresses[0].addr_spec == "eve@x.test"
    assert made["Message-ID"] == f"<{kind}-12@{HOST}>"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["Date"].datetime.year == 2027
    assert "List-Unsubscribe" not in made
    assert [part.defects for part in (made, text, html)] == [[], [], []]
    # For any server: seven bits, lines of their own ends, none too long.
    assert raw.isascii()
    assert all(len(line) <= 78 and b"\n" not in line for line in raw.split(b"\r\n"))


def test_the_same_letter_has_the_same_name_at_every_attempt(stationery: Stationery) -> None:
    first, second = (parsed(stationery.envelope(letter(Kind.INVITATION)).bytes()) for _ in range(2))
    for header in ("Message-ID", "Date", "Subject"):
        assert first[header] == second[header]


@given(st.text(max_size=600), st.sampled_from(["account", "inviter", "email"]))
def test_no_name_makes_a_header(name: str, fact: str) -> None:
    plain = messages.stationery(f"https://{HOST}", sender=None)
    kind = Kind.ASKED if fact == "email" else Kind.INVITATION
    made = parsed(plain.envelope(letter(kind, **{fact: name})).bytes())
    usual = parsed(plain.envelope(letter(kind)).bytes())
    assert made.keys() == usual.keys()
    assert len(made["To"].addresses) == 1


@pytest.mark.parametrize(
    "name",
    [
        *["x\r\nBcc: evil@x.test", "x\nBcc: evil@x.test", "x\rBcc: evil@x.test"],
        *["x\u2028Bcc: evil@x.test", "x\x0b\x0c\x85Bcc: evil@x.test", "=?utf-8?q?=0ABcc:_e?="],
        *["a=?utf-8?b?CkJjYzogZQ==?=", "==??utf-8?q?=0ABcc:_e?=", "=?utf-8?q?=0D=0ABcc:_e?="],
    ],
)
def test_a_name_that_tries_to_is_a_name(stationery: Stationery, name: str) -> None:
    raw = stationery.envelope(letter(Kind.INVITATION, account=name, inviter=name)).bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert b"\rBcc" not in head
    assert "Bcc" not in parsed(raw)


@pytest.mark.parametrize(
    "to", ["=?utf-8?q?a=0D=0ABcc=3A_b?=@x.test", '"=?utf-8?q?=0ABcc:_b?="@x.test']
)
def test_an_address_that_tries_to_gets_no_letter(stationery: Stationery, to: str) -> None:
    with pytest.raises(Undeliverable):
        stationery.envelope(letter(Kind.INVITATION, to=to))


@pytest.mark.parametrize(
    ("to", "recipient", "needs_utf8"),
    [
        ("Eve+x@X.test", "Eve+x@x.test", False),
        ("eve@bücher.test", "eve@xn--bcher-kva.test", False),
        ("ève@bücher.test", "ève@xn--bcher-kva.test", True),
        ('"a b"@x.test', '"a b"@x.test', False),
        (r'"a\"b\\c"@x.test', r'"a\"b\\c"@x.test', False),
        ('"a,b@c"@x.test', '"a,b@c"@x.test', False),
    ],
)
def test_a_letter_goes_to_the_one_mailbox_it_is_for(
    stationery: Stationery, to: str, recipient: str, *, needs_utf8: bool
) -> None:
    envelope = stationery.envelope(letter(Kind.INVITATION, to=to))
    assert (envelope.recipient, envelope.needs_utf8) == (recipient, needs_utf8)
    assert f"\r\nTo: {recipient}\r\n" in envelope.bytes().decode()


def test_a_readable_message_shows_its_link_in_one_piece(stationery: Stationery) -> None:
    raw = stationery.envelope(letter(Kind.INVITATION, "de"), readable=True).bytes()
    assert f"\r\n{LINK}\r\n".encode() in raw
    assert "Acme & Söhne".encode() in raw
    assert LINK in parsed(raw).get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("sender", ["no address", "a@b@c", "x\r\n <a@x.test>", ""])
def test_letters_are_from_an_address(sender: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        messages.stationery(f"https://{HOST}", sender=sender)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "localhost"),
        ("https://bücher.test", "xn--bcher-kva.test"),
        (f"https://{LONG_HOST}", LONG_HOST),
    ],
)
def test_messages_are_named_for_the_public_host(url: str, host: str) -> None:
    made = parsed(
        messages.stationery(url, sender='"Grüße, Acme" <people@acme.test>')
        .envelope(letter(Kind.REMOVED))
        .bytes()
    )
    assert made["Message-ID"] == f"<removed-12@{host}>"
    [sender] = made["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Grüße, Acme", "people@acme.test")

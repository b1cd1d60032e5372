"""How the wire writes ids, instants and secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import ids, instants, links, tokens
from guestlist.domain.links import Keys

KEY, OTHER = b"k" * 32, b"o" * 32


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_a_wire_id_has_16_characters_of_the_alphabet(one: bytes, other: bytes) -> None:
    first, second = ids.wire_id(one), ids.wire_id(other)
    assert len(first) == 16
    assert set(first) <= set("0123456789dejgklmnopqrvwxyz")
    assert ids.is_wire_id(first)
    # what 27**16 cannot tell apart is another matter: 75 bits are kept
    same = int.from_bytes(one, "big") % 27**16 == int.from_bytes(other, "big") % 27**16
    assert (first == second) == same


@given(st.text() | st.none() | st.integers() | st.binary())
def test_nothing_long_or_strange_passes_for_an_id(text: object) -> None:
    if ids.is_wire_id(text):
        assert isinstance(text, str)
        assert text.isascii()
        assert text.isalnum()
        assert len(text) <= 80


def test_ids_are_looked_up_up_to_a_tokens_length() -> None:
    assert ids.is_wire_id("a" * 80)
    for text in ("a" * 81, "", "a\n", "A", "a-b", None, 7, "é", "\u0661"):
        assert not ids.is_wire_id(text)


@given(st.integers(0, 253_402_300_799_999_999))
def test_an_instant_reads_back_as_it_was_written(instant: int) -> None:
    assert instants.parse(instants.written(instant)) == instant


@pytest.mark.parametrize("zone", ["Z", "+00:00", "+05:30", "-12:00"])
def test_an_instant_may_name_its_zone(zone: str) -> None:
    offset = {"Z": 0, "+00:00": 0, "+05:30": -19_800, "-12:00": 43_200}[zone]
    assert instants.parse(f"2025-01-31T09:30:00{zone}") == (1_738_315_800 + offset) * 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2025-01-31", "2025-01-31T09:30:00", "2025-13-01T00:00:00Z"),
        *("1969-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00Z"),
    ],
)
def test_what_is_no_instant_here_raises(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the promise is the type alone
        instants.parse(text)


@given(st.binary(min_size=32, max_size=32))
def test_a_tokens_text_is_recognised_by_its_digest_alone(random: bytes) -> None:
    text = tokens.text_from(random)
    assert (len(text), text[:5]) == (69, "mlsn.")
    assert len(links.digest(text)) == 32
    assert tokens.preview(text) == text[:11]


@pytest.mark.parametrize("length", [0, 1, 11, 44])
def test_nothing_is_shown_of_a_text_that_would_be_known_by_it(length: int) -> None:
    assert tokens.preview("x" * length) == ""
    assert tokens.preview("x" * 45) == "x" * 11


def test_a_links_secret_comes_from_the_key_and_all_it_is_for() -> None:
    keys = Keys((KEY, OTHER))
    new, old = keys.fingerprint, Keys((OTHER,)).fingerprint
    secrets = {
        keys.invitation_secret(account, nonce, fingerprint)
        for account in (1, 11, 111)
        for nonce in (b"n" * 16, b"1" * 16)
        for fingerprint in (new, old)
    }
    assert len(secrets) == 12
    assert all(len(secret) == 43 and secret.isascii() for secret in secrets)
    assert keys.invitation_secret(1, b"n" * 16, old) in secrets


def test_the_first_key_makes_and_all_of_them_open() -> None:
    before, after = Keys((OTHER,)), Keys((KEY, OTHER))
    secret = before.invitation_secret(1, b"n", before.fingerprint)
    assert after.invitation_secret(1, b"n", before.fingerprint) == secret
    assert after.fingerprint != before.fingerprint
    with pytest.raises(KeyError):
        before.invitation_secret(1, b"n", after.fingerprint)


@pytest.mark.parametrize("keys", [(), (b"short",), (KEY, b"k" * 31)])
def test_a_key_has_at_least_32_bytes(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(keys)


def test_keys_do_not_tell_themselves() -> None:
    keys = Keys((KEY,))
    assert KEY.decode() not in repr(keys) + str(keys)
    assert KEY.hex() not in repr(keys)
    assert len(keys.etag(b"x")) == 32
    assert keys.etag(b"x") != keys.etag(b"y")
    assert keys.etag(b"x") != Keys((OTHER,)).etag(b"x")

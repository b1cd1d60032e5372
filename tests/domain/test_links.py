"""Every secret is derived for one purpose and one row, and told apart from all others."""

import pytest

from guestlist.domain import links
from guestlist.domain.links import Keys

OLD, NEW = b"an older key, of 32 bytes or more.....", b"a newer key, of 32 bytes or more......"


def test_no_secret_is_good_for_anything_else() -> None:
    keys = Keys((NEW, OLD))
    nonce, now = b"nonce", keys.fingerprint
    old = next(name for name, key in keys.fingerprints.items() if key == OLD)
    made = [
        derive(row, nonce, fingerprint)
        for derive in (keys.invitation_secret, keys.copy_secret, keys.proof_secret)
        for row in (1, 11)
        for fingerprint in (now, old)
    ]
    made += [keys.form_token(about) for about in (b"", b"session 1", b"session 2")]
    made += [keys.etag(b""), keys.etag(b"1")]
    made += [keys.sealing(now).hex(), keys.sealing(old).hex()]
    made += [keys.person_handle(1).hex(), keys.person_handle(11).hex()]
    assert len(set(made)) == len(made)
    assert len(keys.sealing(now)) == 32


def test_secrets_of_a_key_that_is_gone_are_gone() -> None:
    gone = Keys((OLD,)).fingerprint
    keys = Keys((NEW,))
    for derive in (keys.invitation_secret, keys.copy_secret, keys.proof_secret):
        with pytest.raises(KeyError):
            derive(1, b"nonce", gone)
    with pytest.raises(KeyError):
        keys.sealing(gone)


def test_what_was_not_derived_here_is_seen_at_a_glance() -> None:
    assert links.is_secret(Keys((NEW,)).copy_secret(1, b"nonce", Keys((NEW,)).fingerprint))
    for wrong in ("", "x", "A" * 42, "A" * 44, "A" * 42 + "\n", "A" * 43 + "\n", "\u00e9" * 43):
        assert not links.is_secret(wrong)

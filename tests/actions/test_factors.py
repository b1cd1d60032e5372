"""A code works once, whoever is faster, and nothing of it can be read in the database."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import select

from guestlist.actions import factors, seals
from guestlist.domain.links import Keys
from guestlist.domain.refusals import Misconfigured
from guestlist.store import people, schema
from guestlist.store.statements import Statement
from tests.stand import KEYS, START, Stand

OTHER = Keys((b"another key that only tests know, of 32 bytes",))
ROTATED = Keys((*OTHER.keys, *KEYS.keys))
STEP = 30_000_000
KEPT = Statement(
    select(schema.people.c.totp_seed, schema.recovery_codes.c.sha256).select_from(
        schema.people.outerjoin(schema.recovery_codes)
    )
)


class Ana:
    """A person with an authenticator and recovery codes."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.seed = factors.new_seed(os.urandom)
        self.database = stand.runtime.database
        email = "ana@acme.test"
        with self.database.change() as transaction:
            self.key = people.add(
                transaction, email=email, email_key=email, name="Ana", last_name="", now=START
            )
            people.change(transaction, self.key, must_set_factor=True)
            step = START // STEP - 2
            factors.set_totp(transaction, KEYS, self.key, self.seed, step=step, random=os.urandom)
            self.codes = factors.new_recovery_codes(transaction, self.key, os.urandom)

    def code(self, seconds: int = 0) -> str:
        return pyotp.TOTP(self.seed).at(START // 1_000_000 + seconds)

    def shows(self, code: str, *, keys: Keys = KEYS, at: int = START) -> bool:
        with self.database.change() as transaction:
            return factors.check_code(transaction, keys, self.key, code, at)

    @property
    def two_factor(self) -> bool:
        found = people.get(self.database, self.key)
        assert found is not None
        return bool(found.two_factor)


@pytest.fixture
def ana(database_url: str) -> Iterator[Ana]:
    with Stand(database_url) as stand:
        yield Ana(stand)


def test_an_authenticators_code_is_good_once_and_none_before_it_after(ana: Ana) -> None:
    assert not ana.shows(ana.code(-60))
    assert not ana.shows(ana.code(60))
    assert not ana.shows("")
    assert ana.shows(ana.code(-30))
    assert ana.shows(ana.code())
    for again in (ana.code(-30), ana.code()):
        assert not ana.shows(again)
    assert ana.shows(ana.code(30))
    assert not ana.shows(ana.code(30), at=START + STEP)
    assert ana.shows(ana.code(60), at=START + STEP)


def test_a_recovery_code_is_good_once(ana: Ana) -> None:
    first, second, *rest = ana.codes
    assert len(rest) == 8
    assert len({first, second, *rest}) == 10
    assert ana.shows(first.upper())
    assert not ana.shows(first)
    with ana.database.change() as transaction:
        assert factors.recovery_codes_left(transaction, ana.key) == 9
        new = factors.new_recovery_codes(transaction, ana.key, os.urandom)
    assert not ana.shows(second)
    assert ana.shows(new[0])


def test_of_many_who_show_one_code_at_once_one_is_let_in(ana: Ana) -> None:
    for code in (ana.code(), ana.codes[0]):
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(ana.shows, [code] * 16)) == 1


def test_two_factor_is_true_while_there_is_one(ana: Ana) -> None:
    found = people.get(ana.database, ana.key)
    assert found is not None
    assert (found.two_factor, found.must_set_factor) == (True, False)
    with ana.database.change() as transaction:
        factors.remove_totp(transaction, ana.key)
        assert not factors.has_any(transaction, ana.key)
        assert factors.recovery_codes_left(transaction, ana.key) == 0
    assert not ana.two_factor
    assert not ana.shows(ana.code())


def test_clearing_leaves_nothing_that_was_set_before(ana: Ana) -> None:
    with ana.database.change() as transaction:
        factors.clear(transaction, ana.key)
    assert not ana.two_factor
    assert not ana.shows(ana.code())
    assert not ana.shows(ana.codes[0])


def test_what_is_kept_opens_nothing(ana: Ana) -> None:
    with ana.database.read() as transaction:
        rows = transaction.all(KEPT)
    kept = b"".join(bytes(value) for row in rows for value in row)
    for secret in (ana.seed, *ana.codes, *(code.replace("-", "") for code in ana.codes)):
        assert secret.encode() not in kept


def test_a_seed_opens_under_an_older_key_and_under_no_other(ana: Ana) -> None:
    with pytest.raises(Misconfigured, match="reset-factor"):
        ana.shows(ana.code(), keys=OTHER)
    assert ana.shows(ana.codes[0], keys=OTHER)
    assert ana.shows(ana.code(), keys=ROTATED)


def test_seeds_are_sealed_anew_so_that_an_older_key_can_go(ana: Ana) -> None:
    rotated = replace(ana.stand.runtime, keys=ROTATED)
    assert seals.renew(replace(rotated, keys=OTHER)) == 0
    assert seals.renew(rotated) == 1
    assert seals.renew(rotated) == 0
    assert ana.shows(ana.code(), keys=OTHER)


def test_what_is_sealed_opens_for_its_own_row_only() -> None:
    sealed = seals.seal(KEYS, b"a seed", about=b"person:1", random=os.urandom)
    assert b"a seed" not in sealed
    assert sealed != seals.seal(KEYS, b"a seed", about=b"person:1", random=os.urandom)
    assert seals.unseal(KEYS, sealed, about=b"person:1") == b"a seed"
    for broken in (sealed[:-1], sealed[:21], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(ValueError, match="sealed"):
            seals.unseal(KEYS, broken, about=b"person:1")
    with pytest.raises(ValueError, match="sealed"):
        seals.unseal(KEYS, sealed, about=b"person:2")
    with pytest.raises(KeyError):
        seals.unseal(OTHER, sealed, about=b"person:1")


def test_the_picture_of_a_seed_may_stand_in_a_page_with_a_strict_policy() -> None:
    uri = factors.uri(factors.new_seed(os.urandom), email="ana+x@bücher.test", issuer="Blue & Co")
    assert uri.startswith("otpauth://totp/Blue%20%26%20Co:ana")
    picture = factors.qr(uri)
    assert picture.startswith("<svg ")
    assert 'viewBox="' in picture
    assert "style" not in picture
    assert 'fill="#fff"' in picture
    assert uri not in picture

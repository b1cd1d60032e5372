"""A password costs the same to refuse whether or not there is one."""

import subprocess
import sys
import threading
import time

import pytest

from guestlist.actions.passwords import Passwords, is_common
from guestlist.domain.refusals import Unavailable


@pytest.fixture(scope="module")
def cheap() -> Passwords:
    return Passwords(time_cost=1, memory_cost=8)


def test_a_password_is_known_again_however_its_accents_are_typed(cheap: Passwords) -> None:
    kept = cheap.hashed("caf\u00e9 \x00 vkqwpzmtrh")
    assert kept.startswith("$argon2id$")
    assert cheap.verified(kept, "cafe\u0301 \x00 vkqwpzmtrh")
    assert not cheap.verified(kept, "cafe \x00 vkqwpzmtrh")
    assert kept != cheap.hashed("caf\u00e9 \x00 vkqwpzmtrh")


@pytest.mark.parametrize("kept", [None, "", "imported from elsewhere", "$argon2id$v=19$m=8,t=1"])
@pytest.mark.parametrize("password", ["", "one", "\ud800", "x" * 10_000_000])
def test_without_a_password_the_same_is_computed(
    cheap: Passwords, kept: str | None, password: str
) -> None:
    before = cheap.verifications
    assert not cheap.verified(kept, password)
    assert cheap.verifications == before + 1


def test_what_is_too_long_to_read_is_no_password_not_even_an_empty_one(cheap: Passwords) -> None:
    assert not cheap.verified(cheap.hashed(""), "x" * 10_000)


def test_a_password_kept_at_another_cost_is_known_and_kept_anew(cheap: Passwords) -> None:
    dear = Passwords(time_cost=2, memory_cost=16)
    kept = cheap.hashed("vkqwpzmtrhyjxdb")
    assert dear.verified(kept, "vkqwpzmtrhyjxdb")
    assert dear.needs_rehash(kept)
    assert not cheap.needs_rehash(kept)


def test_no_more_are_computed_at_once_than_there_are_cores() -> None:
    slow = Passwords(time_cost=60, memory_cost=19 * 1_024, at_once=1, wait_seconds=0.05)
    thread = threading.Thread(target=slow.verified, args=(None, "x"))
    thread.start()
    while slow.verifications == 0:
        time.sleep(0.001)
    with pytest.raises(Unavailable, match="try again"):
        slow.verified(None, "y")
    thread.join()
    assert slow.verifications == 1


def test_common_passwords_are_known_without_the_matcher_beside_them() -> None:
    assert is_common("PassWord")
    assert is_common("123456789")
    assert not is_common("vkqwpzmtrhyjxdb")
    asked = "from guestlist.actions.passwords import is_common as i; import sys; i('x')"
    loaded = f"{asked}; sys.exit('zxcvbn.matching' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0

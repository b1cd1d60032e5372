"""Codes are read as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import factors


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "\uff11\uff12" + "3456"])
def test_an_authenticators_code_may_be_grouped(typed: str) -> None:
    assert factors.totp_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "1" * 10_000])
def test_what_is_no_code_of_an_authenticator(typed: str) -> None:
    assert factors.totp_code(typed) is None


@given(st.binary(min_size=factors.RECOVERY_BYTES, max_size=factors.RECOVERY_BYTES))
def test_a_recovery_code_is_read_however_it_is_typed(random: bytes) -> None:
    shown = factors.recovery_code(random)
    read = factors.read_recovery_code(shown)
    assert read == shown.replace("-", "")
    for typed in (shown.upper(), f" {shown} ", shown.replace("-", " "), shown.replace("o", "0")):
        assert factors.read_recovery_code(typed) == read
    assert factors.read_recovery_code(shown[:-1]) is None
    assert factors.totp_code(shown) is None


def test_a_seed_is_typed_as_base32() -> None:
    assert factors.seed(bytes(factors.SEED_BYTES)) == "A" * 32


def test_a_code_is_good_a_step_early_and_a_step_late() -> None:
    assert list(factors.steps(90_000_000)) == [2, 3, 4]
    assert list(factors.steps(89_999_999)) == [1, 2, 3]

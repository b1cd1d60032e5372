"""A password has to be long, and not one that is guessed first; nothing else is asked of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import passwords
from guestlist.domain.refusals import Rule

COMMON = {"password", "dragon", "letmein", "iloveyou", "correct", "summer"}


def rules(password: str, *, has_second_factor: bool = False, email: str = "") -> list[Rule]:
    found = passwords.faults(
        password,
        email=email or "ana.kos@acme.test",
        name="Ana María",
        last_name="Kos",
        account="Blue Bicycles",
        has_second_factor=has_second_factor,
        is_common=COMMON.__contains__,
    )
    assert {fault.field for fault in found} <= {"password"}
    return [fault.rule for fault in found]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "banana republic tango",
        "                 x7 q",
        "日本語のパスワードはとても長いです",
        "🦊🐢🐍🦅🐙🦀🐳🦋🐝🐞🦎🐊🐘🦒🦔",
        "vkqwpzmtrhyjxdb",
        "ana likes green kayaks",
        "dragonfly wing 77",
    ],
)
def test_any_characters_make_a_password_if_they_are_many(password: str) -> None:
    assert rules(password) == []


def test_length_counts_composed_characters_and_is_less_beside_a_second_factor() -> None:
    decomposed = "vkq" + "e\u0301" * 2 + "zmtrhyjxdw"
    assert len(decomposed) == 17
    assert rules(decomposed + "b") == []
    assert rules(decomposed[:-1]) == [Rule.PASSWORD_SHORT]
    eight = "vkqwpzmt"
    assert rules(eight) == [Rule.PASSWORD_SHORT]
    assert rules(eight, has_second_factor=True) == []
    assert rules(eight[:7], has_second_factor=True) == [Rule.PASSWORD_SHORT]
    [short] = passwords.faults(
        eight, email="", has_second_factor=False, is_common=COMMON.__contains__
    )
    assert short.limit == passwords.MIN_ALONE


def test_length_ends_far_above_what_people_type_and_before_it_costs_time() -> None:
    words = " ".join(f"w{number}x" for number in range(64))
    assert rules(words[: passwords.MAX]) == []
    assert rules(words[: passwords.MAX + 1]) == [Rule.PASSWORD_LONG]
    assert rules("e\u0301" * 10_000_000) == [Rule.PASSWORD_LONG]


@pytest.mark.parametrize(
    "password",
    [
        "Password",
        "PASSWORD2024!!!",
        "!!password12345678",
        "p@$$w0rd",
        "password password",
        "Dragon1 Dragon1 Dragon1",
        "passwordpasswordpass",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "2024 2024 2024 2024",
        "123456789012345",
        "098765432109876",
        "Qwertyuiopasdfgh",
        "zyxwvutsrqponmlk",
        "qwertyuiop 2024",
        "1234567 1234567 1234567",
        " " * 20,
        "",
    ],
)
def test_what_is_guessed_first_is_refused_with_its_ornaments(password: str) -> None:
    assert Rule.PASSWORD_COMMON in rules(password)


@pytest.mark.parametrize(
    "password",
    [
        "ana.kos.ana.kos",
        "ana.kos@acme.test",
        "Ana.Kos@Acme.test2024",
        "anakos1234567890",
        "kos-ana-acme-12345",
        "ANÁ MARIA KOS 12345",
        "bicycles of ana kos",
        "bluebicycles1234",
        "guestlist guestlist!",
        "anakos password",
    ],
)
def test_what_is_mostly_the_address_or_a_name_is_refused(password: str) -> None:
    assert rules(password) == [Rule.PASSWORD_LIKE_EMAIL]


def test_names_too_short_to_say_anything_do_not_count() -> None:
    assert rules("bo vkqwpzmtrhyj x", email="bo@x.io") == []
    assert rules("vkqwpzmtrhyjxdb", email="") == []


@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=40), st.booleans())
def test_whatever_is_typed_is_judged(text: str, email: str, name: str, factor: bool) -> None:  # noqa: FBT001 - drawn
    found = passwords.faults(
        text,
        email=email,
        name=name,
        account=name,
        has_second_factor=factor,
        is_common=COMMON.__contains__,
    )
    length = len(passwords.normal(text))
    least = passwords.MIN_WITH_FACTOR if factor else passwords.MIN_ALONE
    told = {fault.rule for fault in found}
    assert (Rule.PASSWORD_SHORT in told) == (length < least)
    assert (Rule.PASSWORD_LONG in told) == (length > passwords.MAX)

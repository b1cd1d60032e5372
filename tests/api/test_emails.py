"""The corpus of addresses: each is taken as it is typed, or refused in the wire's words."""

import pytest

from tests.stand import Team

USERS = "/v1/users"
INVALID = "The email must be a valid email address. #MS42208"
TOO_LONG = "The email must not be greater than 320 characters."
TAKEN = "The email has already been taken."
GOOD = [
    "eve@example.test",
    "Eve.Smith+tag@Example.TEST",
    "eve+a+b@example.test",
    "eve_smith-x'o@example.test",
    "!#$%&'*+/=?^_`{|}~@example.test",
    "1@1.test",
    '"eve smith"@example.test',
    '"eve@home"@example.test',
    '"eve\\"s"@example.test',
    '""@example.test',
    "ève@example.test",
    "πού@example.test",
    "用户@例子.广告",
    "उपयोगकर्ता@उदाहरण.कॉम",
    "user@bücher.example",
    "user2@xn--bcher-kva.example",
    "user@faß.example",
    "user@straße.example",
    "user@example",
    "user@localhost",
    "user@sub.sub.sub.example.test",
    "user@123.test",
    "user@a-b--c.test",
    "💌@example.test",
    "a" * 307 + "@example.test",
    "é" * 307 + "@example.test",
]
BAD = [
    "eve",
    "@example.test",
    "eve@",
    "@",
    "eve@@example.test",
    "eve@x@example.test",
    "eve example@example.test",
    "eve@exam ple.test",
    ".eve@example.test",
    "eve.@example.test",
    "e..ve@example.test",
    "eve@.example.test",
    "eve@example..test",
    "eve@example.test.",
    "eve@-example.test",
    "eve@example-.test",
    "eve@exa_mple.test",
    "eve@" + "a" * 64 + ".test",
    "eve@" + "a." * 125 + "test",
    "eve@[127.0.0.1]",
    "eve@[IPv6:::1]",
    "eve(comment)@example.test",
    "(comment)eve@example.test",
    "eve@example.test(comment)",
    "Eve <eve@example.test>",
    "<eve@example.test>",
    "mailto:eve@example.test",
    "eve@example.test,fay@example.test",
    "eve@example.test;fay@example.test",
    "a@b.c\r\nBcc: x@example.test",
    "a@b.c\nBcc: x@example.test",
    "a\r\nBcc: x@b.c",
    '"a\r\n"@b.c',
    '"a\n b"@b.c',
    "a@b.c\0",
    "a\0@b.c",
    '"\0"@b.c',
    "a\u200b@b.c",
    "a\u202e@b.c",
    "a\u00a0b@b.c",
    "a\u2028@b.c",
    "a\x7f@b.c",
    "a\x1b@b.c",
    '"a"b"@b.c',
    '"a\\"@b.c',
    "eve@xn--.test",
    "eve@xn--a.test",
    "eve@\u2024.test",
    "eve\uff20example.test",
    "eve@☃.test\u0301\u0301",
    "eve\u037e@example.test",
]
LONG = [
    ("a" * 308 + "@example.test", [TOO_LONG]),
    ("é" * 308 + "@example.test", [TOO_LONG]),
    ("a@" + ".".join(["b" * 60] * 6), [INVALID, TOO_LONG]),  # no host name is that long
    ("a" * 400, [INVALID, TOO_LONG]),
    ("a" * 900_000 + "@example.test", [INVALID, TOO_LONG]),
    # composing this would take minutes, and the account's lock is held meanwhile
    ("a" + "\u0301\u0323" * 100_000 + "@example.test", [INVALID, TOO_LONG]),
]


def brief(email: str) -> str:
    return f"{ascii(email)[:40]} ({len(email)})"


def test_an_address_is_taken_as_it_is_typed(team: Team) -> None:
    for email in GOOD:
        invite = team.invited(email)
        assert invite["email"] == email
        assert team.get(f"/v1/invites/{invite['id']}").json()["data"] == invite
    for email in GOOD:
        again = team.post(USERS, {"email": email, "role": "Admin"})
        assert again.json()["errors"] == {"email": [TAKEN]}, email


def test_what_is_no_address_is_told_so(team: Team) -> None:
    with team.unchanged():
        for email in BAD:
            answer = team.post(USERS, {"email": email, "role": "Designer"})
            assert answer.status_code == 422, email
            assert answer.json()["errors"] == {"email": [INVALID]}, email


@pytest.mark.parametrize(("email", "messages"), LONG, ids=[brief(email) for email, _ in LONG])
def test_an_address_has_at_most_320_characters(team: Team, email: str, messages: list[str]) -> None:
    with team.unchanged():
        answer = team.post(USERS, {"email": email, "role": "Designer"})
    assert (answer.status_code, answer.json()["errors"]) == (422, {"email": messages})


@pytest.mark.parametrize("blank", [" ", "\n", "\r\n", "\t", "\u00a0", "\u2003"], ids=ascii)
def test_blanks_around_an_address_are_trimmed(team: Team, blank: str) -> None:
    assert team.invited(f"{blank}eve@example.test{blank}")["email"] == "eve@example.test"

"""The tokens of a document: whose they are, and what is known of their texts."""

from typing import Any

import pytest

from tests.domain.documents import ANA, BO, in_account, read


def token(**keys: Any) -> dict[str, str]:
    found = in_account(tokens=[keys])
    return {path.removeprefix("tokens[0]."): wrong for path, wrong in found.items()}


def test_a_token_belongs_to_the_first_admin_or_whom_it_names() -> None:
    users = [BO, {**ANA, "email": "zoe@acme.test"}, ANA]
    tokens = [{}, {"owner": "Ana@acme.test"}, {"owner": "bo@acme.test"}]
    assert [one.owner for one in read(users=users, tokens=tokens).tokens] == [1, 2, 0]
    assert token(owner="eve@acme.test") == {
        "owner": "is not the e-mail of one of this account's users"
    }
    cleo = {"email": "cleo@acme.test", "role": "Designer"}
    assert in_account(users=[ANA, cleo], tokens=[{"owner": "cleo@acme.test"}]) == {
        "tokens[0].owner": "is a user who may not own API tokens"
    }
    assert in_account(users=[], tokens=[{}]) == {
        "tokens[0]": "has no owner, and the account has no Admin to own it"
    }


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("id", "xyz", "must be 1 to 80 characters of 0-9 and a-f"),
        ("name", "a" * 51, "must be a string of 1 to 50"),
        ("token", "a b", "must be 1 to 200 ASCII"),
        ("token", "é", "must be 1 to 200 ASCII"),
        ("token", "a" * 201, "must be 1 to 200 ASCII"),
        ("sha256", "ab", "must be 64 characters"),
        ("preview", "a" * 12, "must be the beginning"),
        ("status", "paused", "must be pause or unpause"),
        ("scopes", "users_full", "must be an array"),
        ("domain", "nope", "is not the id"),
        ("expires_at", "soon", "must be a date and time"),
    ],
)
def test_faults_of_a_token(key: str, value: Any, wrong: str) -> None:
    [(path, told)] = token(**{key: value}).items()
    assert (path, told[: len(wrong)]) == (key, wrong)


def test_scopes_are_known_ones() -> None:
    assert token(scopes=["users_full", "users_write", 3]) == {
        "scopes[1]": "is not a known scope",
        "scopes[2]": "is not a known scope",
    }
    [found] = read(tokens=[{"scopes": ["users_full", "email_full", "users_full"]}]).tokens
    assert found.scopes == ("users_full", "email_full")


def test_a_token_has_its_text_or_its_digest() -> None:
    assert token(token="a", sha256="0" * 64) == {"sha256": "must be left out where token is given"}
    long, short, digest, neither = read(
        tokens=[{"token": "mlsn." + "5" * 64}, {"token": "fixed"}, {"sha256": "0" * 64}, {}]
    ).tokens
    assert long.preview == "mlsn.555555"
    assert short.preview == ""  # or it would be shown whole
    assert digest.sha256 == bytes(32)
    assert neither.sha256 is None


def test_a_preview_beside_a_token_is_its_beginning() -> None:
    text = "mlsn." + "5" * 64
    assert token(token=text, preview="mlsn.6") == {
        "preview": "must be the beginning of the token's text"
    }
    found = read(tokens=[{"token": text, "preview": "mlsn."}, {"sha256": "0" * 64, "preview": "x"}])
    assert [one.preview for one in found.tokens] == ["mlsn.", "x"]

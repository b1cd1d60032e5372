"""A stolen database, or a log, opens nothing: no secret that opens something is in either."""

import base64
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest

from guestlist.actions import webhook_deliveries
from guestlist.actions.webhook_deliveries import Heard
from guestlist.domain.webhooks import SECRET_BYTES, standard_secret
from tests import mail
from tests.stand import KEYS, Stand, Team
from tests.store import lives
from tests.store.reading import everything


def hidden_forms(secret: str) -> list[bytes]:
    """A secret as it is told, and as bytes it may have been made from."""
    forms = [secret.encode()]
    if len(secret) == SECRET_BYTES and secret.isalnum():  # a webhook's, and its other spelling
        return [*forms, standard_secret(secret).removeprefix("whsec_").encode()]
    if " " in secret:
        return forms
    if secret.replace("-", "").isalnum() and (secret.isupper() or secret.count("-") == 6):
        bare = secret.replace("-", "").upper()
        padded = bare + "=" * (-len(bare) % 8)
        return [*forms, bare.encode(), bare.lower().encode(), base64.b32decode(padded)]
    bare = secret.removeprefix("mlsn.")
    if len(bare) == 64:
        forms += [bare.encode(), bytes.fromhex(bare)]
    else:
        forms.append(base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)))
    return forms


def as_bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def lived(team: Team) -> tuple[list[str], list[str]]:
    """Tokens' texts and links' secrets of a team that did everything there is."""
    texts = [*team.tokens.values(), team.minted("users_full"), team.minted("users_full", by="bob")]
    invites = [team.invited(f"{n}@acme.test", "Manager", by="bob")["id"] for n in range(3)]
    letters = team.stand.letters()
    team.post(f"/v1/invites/{invites[0]}/resend")
    letters += team.stand.letters()
    copied = team.post(f"/guestlist/v1/invites/{invites[2]}/link").json()["data"]["link"]
    team.delete(f"/v1/invites/{invites[1]}")
    team.put("/v1/users/user00000000dan", {"role": "Designer"})
    team.delete("/v1/users/user00000000bob")
    team.get("/v1/users", by=texts[0])
    secrets = webhook_secrets(team)
    assert len(letters) == 4
    links = [*(mail.secret(letter) for letter in letters), copied.rpartition("/")[2]]
    return texts, links + secrets


def webhook_secrets(team: Team) -> list[str]:
    """Of a webhook whose secret was rotated, and which was sent something."""
    runtime, path = team.stand.runtime, "/guestlist/v1/webhooks"
    body = {"name": "crew", "url": "https://crew.acme.test/in", "events": ["user.updated"]}
    made = team.post(path, body).json()["data"]
    own = f"{path}/{made['id']}"
    rotated = team.post(f"{own}/secret").json()["data"]
    team.post(f"{own}/test")
    for taken in webhook_deliveries.lease(runtime, busy=[], most=100):
        for delivery in taken.deliveries:
            post = webhook_deliveries.start(runtime, taken, delivery)
            assert post is not None
            assert made["secret"] not in repr(post)
            heard = Heard(1, trouble="ConnectError: no")
            webhook_deliveries.settle(runtime, post.started, heard)
        webhook_deliveries.release(runtime, taken)
    secrets = [made["secret"], rotated["secret"]]
    told = [team.get(end).text for end in (path, own, f"{own}/deliveries")]
    told.append(team.put(own, {"name": "renamed"}).text)
    assert not [secret for secret in secrets for text in told if secret in text]
    return secrets


def test_no_table_holds_a_tokens_text_or_a_links_secret(team: Team) -> None:
    texts, secrets = lived(team)
    forms = [form for secret in texts + secrets for form in hidden_forms(secret)]
    forms += [key for key in KEYS.keys if key]
    for name, rows in everything(team.stand).items():
        for row in rows:
            for column, value in row.items():
                if value is not None:
                    held = as_bytes(value)
                    assert not [form for form in forms if form in held], f"{name}.{column}"


def test_no_byte_of_an_embedded_database_holds_one(migrated_file: Path, tmp_path: Path) -> None:
    """Not even where rows were deleted, or in the log it writes ahead."""
    with Stand(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}") as stand:
        texts, secrets = lived(Team(stand))
        held = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert b"ana@acme.test" in held
    for secret in texts + secrets:
        assert not [form for form in hidden_forms(secret) if form in held]


def test_the_log_tells_no_token_secret_or_link(
    team: Team, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="guestlist")
    texts, secrets = lived(team)
    team.stand.http.get(f"/invitations/{secrets[0]}")
    team.stand.http.get(f"/v1/users/{texts[0]}", headers={"authorization": f"Bearer {texts[0]}"})
    told = "".join(capfd.readouterr())
    assert "POST /v1/users" in told
    assert not [secret for secret in texts + secrets if secret in told or secret[5:30] in told]


def test_no_table_holds_what_a_person_keeps_secret(team: Team) -> None:
    life = lives.lived(team)
    forms = [form for secret in life.secrets for form in hidden_forms(secret)]
    for name, rows in everything(team.stand).items():
        for row in rows:
            for column, value in row.items():
                held = b"" if value is None else as_bytes(value)
                assert not [form for form in forms if form in held], f"{name}.{column}"


def test_no_byte_of_an_embedded_database_holds_what_a_person_keeps_secret(
    migrated_file: Path, tmp_path: Path
) -> None:
    with Stand(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}") as stand:
        life = lives.lived(Team(stand))
        held = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert lives.EVE.encode() in held
    assert not [s for s in life.secrets for form in hidden_forms(s) if form in held]


def test_no_log_and_no_answer_tells_what_a_person_keeps_secret(
    team: Team, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="guestlist")
    life = lives.lived(team)
    assert life.leaks() == []
    told = "".join(capfd.readouterr())
    assert "POST /sign-in/code" in told
    assert not [secret for secret in life.secrets if secret in told or secret[3:20] in told]

"""The settings that say how letters leave."""

import io
from pathlib import Path
from typing import Any

import pytest

from guestlist import settings as configuration
from guestlist.app.mail import sender as opened
from guestlist.delivery import senders
from guestlist.delivery.smtp import Security, Smtp
from guestlist.delivery.terminal import Terminal
from guestlist.domain.letters import Kind
from guestlist.domain.refusals import Misconfigured
from guestlist.settings import Settings
from tests.delivery.letters import LINK, letter
from tests.mail import STATIONERY

PASSWORD = "known to the operator"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.test", ("mail.test", 587, Security.STARTTLS, None)),
        ("smtp://ana@mail.test:2525", ("mail.test", 2525, Security.STARTTLS, "ana")),
        ("smtp://ana%40x.test@mail.test/", ("mail.test", 587, Security.STARTTLS, "ana@x.test")),
        ("smtps://ana@mail.test", ("mail.test", 465, Security.TLS, "ana")),
        ("smtp://mail.test?tls=none", ("mail.test", 25, Security.NONE, None)),
        ("smtp://ana@localhost?tls=none", ("localhost", 25, Security.NONE, "ana")),
        ("smtp://[::1]:1025?tls=none", ("::1", 1025, Security.NONE, None)),
    ],
)
def test_a_mail_server_is_named_by_an_address(address: str, expected: tuple[Any, ...]) -> None:
    server = senders.server(address, password=PASSWORD)
    assert (server.host, server.port, server.security, server.user) == expected
    assert server.password == (PASSWORD if server.user else None)
    assert PASSWORD not in repr(server)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("smtp://ana:secret@mail.test", "GUESTLIST_SMTP_PASSWORD"),
        ("smtp://ana@mail.test?tls=none", "in the clear"),
        ("smtp://", "host is missing"),
        ("smtp://mail.test/path", "more than a host"),
        ("smtp://mail.test:port", "(?i)port"),
        ("smtp://mail.test:70000", "(?i)port"),
        ("smtp://mail.test?tls=no", "tls=none"),
        ("smtps://mail.test?tls=none", "tls=none"),
        ("folder:", "none of them"),
        ("mail.test", "none of them"),
        ("terminal:x", "none of them"),
    ],
)
def test_what_names_none_is_refused_in_words_without_secrets(address: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as refused:
        senders.opened(address, password=None, stationery=STATIONERY)
    assert "secret" not in str(refused.value).replace("secret links", "")


def test_a_user_needs_the_password_variable() -> None:
    with pytest.raises(Misconfigured, match="set GUESTLIST_SMTP_PASSWORD"):
        senders.server("smtp://ana@mail.test", password=None)


def test_settings_choose_the_sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(configuration.SMTP_PASSWORD_VARIABLE, PASSWORD)
    sender = opened(Settings(outbox=tmp_path))
    assert str(sender) == f"the folder {tmp_path}"
    sender = opened(Settings(mail="smtp://ana@mail.test"))
    assert isinstance(sender, Smtp)
    assert str(sender) == "the mail server mail.test:587"
    with pytest.raises(Misconfigured, match="--mail-from"):
        opened(Settings(mail_from="nobody"))


def test_letters_are_shown_on_a_terminal_and_nowhere_else() -> None:
    screen = Screen()
    Terminal(screen, STATIONERY).send(letter(Kind.INVITATION, "de", to="ève@bücher.test"))
    said = screen.getvalue()
    assert f"\n{LINK}\n" in said
    assert "To: ève@xn--bcher-kva.test\nSubject: Bob <b> lädt Sie zu Acme & Söhne ein\n" in said
    with pytest.raises(Misconfigured, match="only where standard output is one"):
        Terminal(io.StringIO(), STATIONERY)

"""`guestlist outbox`."""

from datetime import UTC, datetime
from os import environ
from typing import Annotated, Any

import typer

from guestlist import settings as configuration
from guestlist.actions import outbox
from guestlist.cli import desk, output
from guestlist.cli.levels import LogLevel
from guestlist.cli.mail import (
    LanguageName,
    LanguageOption,
    MailFromOption,
    MailOption,
    OutboxOption,
    RemindersOption,
    WebhookAllowOption,
)
from guestlist.cli.options import DatabaseOption, JsonOption
from guestlist.cli.refusals import Told
from guestlist.cli.servers import (
    InsecureOption,
    LogFormat,
    LogFormatOption,
    LogLevelOption,
    PublicUrlOption,
)
from guestlist.domain.hosts import is_loopback
from guestlist.domain.refusals import Misconfigured, NotFound
from guestlist.settings import DEFAULT_DATABASE, Settings

app = typer.Typer(no_args_is_help=True, help="Send letters; see which wait and which failed.")

_COLUMNS: output.Columns = {
    "ID": lambda letter: str(letter["id"]),
    "TO": lambda letter: letter["to"] or "",
    "KIND": lambda letter: letter["kind"],
    "STATE": lambda letter: letter["state"],
    "ATTEMPTS": lambda letter: str(letter["attempts"]),
    "NEXT": lambda letter: output.day(letter["next_attempt_at"]),
    "TROUBLE": lambda letter: letter["trouble"] or "",
}


@app.command("run")
def run(  # noqa: PLR0913 - a command's options are its parameters
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    public_url: PublicUrlOption = None,
    insecure_http: InsecureOption = False,
    mail: MailOption = None,
    mail_from: MailFromOption = None,
    folder: OutboxOption = None,
    reminders: RemindersOption = False,
    webhook_allow: WebhookAllowOption = "",
    language: LanguageOption = LanguageName.EN,
    log_format: LogFormatOption = LogFormat.PRETTY,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Send letters and webhooks until told to stop, beside servers that run with --no-outbox.

    Several may run at a time: each letter is one's. Example: guestlist outbox run --mail
    smtp://guestlist@mail.acme.test:587 --public-url https://people.acme.test
    """
    # No help page should wait for a web server to be loaded.
    from guestlist.app import serving  # noqa: PLC0415

    desk.check_exists(database)
    serving.send_letters(
        Settings(
            database=database,
            threads=1,
            public_url=_own_url(public_url, mail, insecure_http=insecure_http),
            mail=mail,
            mail_from=mail_from,
            outbox=folder or configuration.default_outbox(database),
            reminds=reminders,
            webhook_allow=configuration.allowed(webhook_allow),
            language=language.value,
            invitation_life=desk.invitation_life(),
            log_format=log_format.value,
            log_level=log_level.value,
        )
    )


def _own_url(given: str | None, mail: str | None, *, insecure_http: bool) -> str:
    """Raises Misconfigured."""
    if given is None:
        _check_stays(mail)
    return configuration.own_url(
        given, host="localhost", port=desk.DEFAULT_PORT, insecure_http=insecure_http
    )


def _check_stays(mail: str | None) -> None:
    """Raises Misconfigured where letters go out whose links open on this machine only."""
    from guestlist.delivery import senders  # noqa: PLC0415 - for the same reason

    if mail is None or mail.partition(":")[0] not in {"smtp", "smtps"}:
        return
    password = environ.get(configuration.SMTP_PASSWORD_VARIABLE)
    host = senders.server(mail, password=password).host
    if not is_loopback(host):
        raise Misconfigured(
            f"Letters sent by {host} would bring links to http://localhost:{desk.DEFAULT_PORT},"
            " which their readers cannot open. Give the server's own address with --public-url"
            f" https://… or in {desk.URL_VARIABLE}."
        )


@app.command("list")
def list_letters(
    *,
    after: Annotated[int, typer.Option(metavar="ID", help="Begin after this letter.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to list.")] = 100,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the letters that wait or failed, oldest first, with what the mail server said."""
    with desk.deployment(database) as runtime:
        found = outbox.list_undelivered(runtime, after=after, most=limit)
    documents: list[dict[str, Any]] = [
        {
            "id": letter.key,
            "to": letter.to,
            "kind": letter.kind,
            "state": letter.state,
            "attempts": letter.attempts,
            "next_attempt_at": _told(letter.due_at) if letter.state == "queued" else None,
            "trouble": letter.trouble,
        }
        for letter in found
    ]
    output.show_list(documents, _COLUMNS, as_json=as_json)


@app.command("retry")
def retry(
    letter: Annotated[
        int | None, typer.Argument(metavar="ID", min=1, help="A letter that failed.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every letter that failed.")] = False,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Make a letter that failed due at once.

    Example: guestlist outbox retry --all
    """
    if (letter is None) is not every:
        raise Told("Name one letter by its id, or all that failed with --all.")
    with desk.deployment(database) as runtime:
        try:
            count = outbox.retry(runtime, letter)
        except NotFound as refusal:
            raise Told(f"No letter {letter} has failed; see: guestlist outbox list.") from refusal
    output.say(f"{count} letter{'' if count == 1 else 's'} will be sent again.")


def _told(instant: int) -> str:
    return datetime.fromtimestamp(instant // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

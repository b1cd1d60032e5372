"""The options that say how letters and webhooks leave, of `serve` and `outbox run`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from guestlist.settings import WEBHOOK_ALLOW_VARIABLE


class LanguageName(StrEnum):
    """The languages there are; a test holds them against the catalogues."""

    EN = "en"
    DE = "de"
    FR = "fr"


OutboxOption = Annotated[
    Path | None,
    typer.Option(
        envvar="GUESTLIST_OUTBOX",
        metavar="FOLDER",
        help="Where letters are written. Left out: outbox beside the SQLite file, or here.",
        show_default=False,
    ),
]
MailOption = Annotated[
    str | None,
    typer.Option(
        envvar="GUESTLIST_MAIL",
        metavar="URL",
        help="smtp://user@host:587, smtps://host:465, folder:PATH or terminal:. Left out: the"
        " outbox folder.",
        show_default=False,
    ),
]
MailFromOption = Annotated[
    str | None,
    typer.Option(
        envvar="GUESTLIST_MAIL_FROM",
        metavar="ADDRESS",
        help="Whom letters are from. Left out: no-reply at the public URL's host.",
        show_default=False,
    ),
]
LanguageOption = Annotated[
    LanguageName,
    typer.Option(
        envvar="GUESTLIST_LANGUAGE",
        help="The language for people whose own is not known.",
    ),
]
RemindersOption = Annotated[
    bool,
    typer.Option(
        "--reminders",
        envvar="GUESTLIST_REMINDERS",
        help="Send a letter three days before an invitation ends.",
    ),
]
NoOutboxOption = Annotated[
    bool,
    typer.Option(
        "--no-outbox",
        envvar="GUESTLIST_NO_OUTBOX",
        help="Send no letters and no webhooks: guestlist outbox run does, elsewhere.",
    ),
]
WebhookAllowOption = Annotated[
    str,
    typer.Option(
        "--webhook-allow",
        envvar=WEBHOOK_ALLOW_VARIABLE,
        metavar="PLACES",
        help="Where webhooks may be that is not public, or no https: as 10.0.0.0/8,127.0.0.1:9000.",
    ),
]

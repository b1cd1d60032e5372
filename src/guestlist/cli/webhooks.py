"""`guestlist webhooks`."""

from typing import Annotated

import typer

from guestlist.actions import webhooks
from guestlist.actions.webhooks import Told
from guestlist.cli import desk, documents, lookups, output
from guestlist.cli.options import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    LimitOption,
    PageOption,
)
from guestlist.cli.refusals import Told as Refused
from guestlist.domain.events import TYPES
from guestlist.domain.pages import DEFAULT_SIZE, Page
from guestlist.domain.refusals import NotFound
from guestlist.domain.webhooks import DEFAULT_OVERLAP_HOURS, MAX_OVERLAP_HOURS, Shape, Webhook
from guestlist.settings import DEFAULT_DATABASE

app = typer.Typer(
    no_args_is_help=True, help="Make and keep webhooks; see what was sent to them and how it fared."
)

WebhookArgument = Annotated[
    str, typer.Argument(metavar="ID|NAME", help="The webhook's id or name.")
]
EventOption = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="TYPE", help=f"As often as needed, of {', '.join(TYPES)}."),
]
_COLUMNS: output.Columns = {
    "ID": lambda webhook: webhook["id"],
    "NAME": lambda webhook: webhook["name"],
    "URL": lambda webhook: webhook["url"],
    "ENABLED": lambda webhook: "yes" if webhook["enabled"] else webhook["trouble"] or "no",
    "EVENTS": lambda webhook: (
        "all" if set(webhook["events"]) == set(TYPES) else ", ".join(webhook["events"])
    ),
}
_DELIVERIES: output.Columns = {
    "EVENT": lambda delivery: str(delivery["sequence"]),
    "TYPE": lambda delivery: delivery["type"],
    "STATE": lambda delivery: delivery["state"],
    "SINCE": lambda delivery: output.day(delivery["created_at"]),
    "NEXT": lambda delivery: output.day(delivery["next_attempt_at"]),
    "ATTEMPTS": lambda delivery: str(len(delivery["attempts"])),
    "LAST ANSWER": lambda delivery: _answer(delivery["attempts"]),
}


@app.command("list")
def list_webhooks(
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List the webhooks of an account."""
    with desk.at(database, account) as at:
        found = webhooks.list_webhooks(at.runtime, at.caller)
    output.show_list(list(map(documents.of_webhook, found)), _COLUMNS, as_json=as_json)


@app.command("show")
def show(
    webhook: WebhookArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Show one webhook, without its secret.

    Example: guestlist webhooks show crew
    """
    with desk.at(database, account) as at:
        found = webhooks.get(at.runtime, at.caller, lookups.webhook(at, webhook))
    _show(found, as_json=as_json)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    url: Annotated[str, typer.Argument(help="Where events are sent, as https://….")],
    *,
    event: EventOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Make a webhook and print its secret, this once; without --event it is told everything.

    Example: guestlist webhooks add crew https://crew.acme.test/hooks --event user.removed
    """
    shape = Shape(name=name, url=url, events=list(event or TYPES))
    with desk.at(database, account) as at:
        made = webhooks.create(at.runtime, at.caller, shape)
    _show_secret(made, as_json=as_json)


@app.command("update")
def update(
    webhook: WebhookArgument,
    *,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    url: Annotated[str | None, typer.Option(help="Where events are sent from now on.")] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            "--event", metavar="TYPE", help="These alone from now on; as often as needed."
        ),
    ] = None,
    enable: Annotated[
        bool | None,
        typer.Option(
            "--enable/--disable", help="Whether anything is sent; what waits is dropped if not."
        ),
    ] = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Change, disable or enable a webhook; what is left out stays.

    Example: guestlist webhooks update crew --enable
    """
    shape = Shape(name=name, url=url, events=event or None, is_enabled=enable)
    with desk.at(database, account) as at:
        webhook_id = lookups.webhook(at, webhook)
        changed = webhooks.change(at.runtime, at.caller, webhook_id, shape)
    _show(changed, as_json=as_json)


@app.command("remove")
def remove(
    webhook: WebhookArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Remove a webhook with what waits for it.

    Example: guestlist webhooks remove crew
    """
    with desk.at(database, account) as at:
        webhooks.remove(at.runtime, at.caller, lookups.webhook(at, webhook))
    output.say(f"Removed the webhook {webhook}.")


@app.command("rotate")
def rotate(
    webhook: WebhookArgument,
    *,
    overlap_hours: Annotated[
        int,
        typer.Option(
            min=0,
            max=MAX_OVERLAP_HOURS,
            help="For how long what is sent is signed with the old secret too.",
        ),
    ] = DEFAULT_OVERLAP_HOURS,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Make a new secret for a webhook and print it, this once.

    Example: guestlist webhooks rotate crew --overlap-hours 1
    """
    with desk.at(database, account) as at:
        webhook_id = lookups.webhook(at, webhook)
        told = webhooks.rotate(at.runtime, at.caller, webhook_id, overlap_hours=overlap_hours)
    _show_secret(told, as_json=as_json)


@app.command("test")
def send_test(
    webhook: WebhookArgument,
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Send a test event to a webhook: a running server does, within a second.

    Example: guestlist webhooks test crew
    """
    with desk.at(database, account) as at:
        queued = webhooks.send_test(at.runtime, at.caller, lookups.webhook(at, webhook))
    output.say(f"Queued the test event {queued.sequence} for {webhook}.")
    output.hint(f"To see how it fares: guestlist webhooks deliveries {webhook}")


@app.command("deliveries")
def deliveries(
    webhook: WebhookArgument,
    *,
    page: PageOption = 1,
    limit: LimitOption = DEFAULT_SIZE,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """List what was sent to a webhook in the last 30 days, the newest first.

    Example: guestlist webhooks deliveries crew --json
    """
    with desk.at(database, account) as at:
        found = webhooks.list_deliveries(
            at.runtime, at.caller, lookups.webhook(at, webhook), Page(page, limit)
        )
    listed = [documents.of_delivery(delivery) for delivery in found.deliveries]
    output.show_list(listed, _DELIVERIES, as_json=as_json)
    if not found.is_last:
        output.hint(f"There are more: --page {page + 1}.")


@app.command("retry")
def retry(
    webhook: WebhookArgument,
    event: Annotated[int, typer.Argument(metavar="EVENT", min=1, help="The event's number.")],
    *,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Send an event to a webhook again, at once, whatever became of it before.

    Example: guestlist webhooks retry crew 17
    """
    with desk.at(database, account) as at:
        webhook_id = lookups.webhook(at, webhook)
        try:
            webhooks.retry(at.runtime, at.caller, webhook_id, sequence=event)
        except NotFound as refusal:
            raise Refused(
                f"No event {event} was sent to {webhook}; see: guestlist webhooks deliveries"
                f" {webhook}"
            ) from refusal
    output.say(f"The event {event} will be sent to {webhook} again.")


def _answer(attempts: list[dict[str, object]]) -> str:
    if not attempts:
        return ""
    last = attempts[-1]
    return str(last["status"] or last["trouble"] or "")


def _show(webhook: Webhook, *, as_json: bool) -> None:
    output.show_one(documents.of_webhook(webhook), as_json=as_json)


def _show_secret(told: Told, *, as_json: bool) -> None:
    output.show_one(documents.of_webhook_told(told), as_json=as_json)
    output.hint("The secret is shown this once.")

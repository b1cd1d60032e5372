"""`guestlist audit access`."""

from typing import Annotated, Any

import typer

from guestlist.actions import audit
from guestlist.cli import desk, lookups, output
from guestlist.cli.options import AccountOption, DatabaseOption, JsonOption
from guestlist.cli.refusals import Told
from guestlist.domain import instants
from guestlist.domain.access import DOMAIN, TEMPLATE, Catalog
from guestlist.domain.refusals import NotFound, NotRemembered
from guestlist.domain.standings import Question, Standing
from guestlist.settings import DEFAULT_DATABASE

_COLUMNS: output.Columns = {
    "ID": lambda one: one["user"],
    "E-MAIL": lambda one: one["email"],
    "ROLE": lambda one: one["role"],
    "SINCE": lambda one: ("at the latest " * one["since_is_latest"]) + output.day(one["since"]),
    "GRANTED": lambda one: output.day(one["granted_at"]),
    "BY": lambda one: one["granted_by"],
}


MomentOption = Annotated[
    str, typer.Option("--at", metavar="DATE", help="A day's beginning in UTC, or an instant.")
]
PermissionOption = Annotated[
    str, typer.Option("--permission", metavar="NAME", help="See: guestlist permissions.")
]
DomainOption = Annotated[
    str | None, typer.Option("--domain", metavar="ID|NAME", help="On which domain.")
]
TemplateOption = Annotated[
    str | None, typer.Option("--template", metavar="ID|NAME", help="On which template.")
]


def add_to(app: typer.Typer) -> None:
    app.command("access")(access)


def access(
    *,
    moment: MomentOption,
    permission: PermissionOption,
    domain: DomainOption = None,
    template: TemplateOption = None,
    account: AccountOption = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Say who could do something at a moment, since when, and who granted it.

    Answered from the audit alone. Without a domain or template: who could on the whole account.

    Example: guestlist audit access --at 2026-05-03 --permission control-sendings --domain acme.test
    """
    _check_question(desk.catalog(), permission, domain, template)
    instant = lookups.instant("--at", moment)
    with desk.at(database, account) as at:
        question = Question(
            permission,
            domain=None if domain is None else _thing(at, "domain", domain),
            template=None if template is None else _thing(at, "template", template),
        )
        try:
            found = _answer(at, question, instant)
        except NotFound as refusal:
            kind = TEMPLATE if domain is None else DOMAIN
            raise Told(
                f"The {kind} {domain or template} was not there yet at {moment}, so nobody could."
            ) from refusal
    told = [_standing(one, found.remembered_from) for one in found.standings]
    output.show_list(told, _COLUMNS, as_json=as_json)
    if found.is_partial:
        typer.echo(
            "The audit begins before it held whole grants: users who were there then, and were"
            " not changed since, are not in this answer.",
            err=True,
        )


def _check_question(
    catalog: Catalog, permission: str, domain: str | None, template: str | None
) -> None:
    known = catalog.permission_by_name.get(permission)
    if known is None:
        raise Told(f"There is no permission {permission}; see: guestlist permissions.")
    if domain is not None and template is not None:
        raise Told("Ask of a domain or of a template, not of both.")
    for given, kind in ((domain, DOMAIN), (template, TEMPLATE)):
        if given is not None and catalog.place_of(known) != kind:
            raise Told(f"{permission} does not hold on a {kind}; leave out --{kind}.")


def _thing(at: desk.Desk, kind: str, given: str) -> str:
    """The id of what the audit knows by an id or a name."""
    known = audit.names(at.runtime, at.caller, kind)
    found = [given] if given in known else [key for key, name in known.items() if name == given]
    if not found:
        raise Told(f"The audit of {at.account.name} knows no {kind} {given}.")
    if len(found) > 1:
        raise Told(f"Several had the name {given}; give an id: {', '.join(found)}.")
    return found[0]


def _answer(at: desk.Desk, question: Question, moment: int) -> audit.Access:
    try:
        return audit.access(at.runtime, at.caller, question, at=moment)
    except NotRemembered as refusal:
        raise Told(
            "What was so then is not known any more: entries up to"
            f" {instants.written(refusal.since)} were pruned. Ask for a later moment."
        ) from refusal


def _standing(one: Standing, remembered_from: int | None) -> dict[str, Any]:
    """`since_is_latest`: what was before is pruned, so it may have been so for longer."""
    since, granted = one.since or 0, one.granted_at or 0
    return {
        "user": one.user_id,
        "email": one.email,
        "role": one.grant.role,
        "since": instants.written(since),
        "since_is_latest": remembered_from is not None and since <= remembered_from,
        "granted_at": instants.written(granted),
        "granted_by": one.granted_by,
    }

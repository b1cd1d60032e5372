"""The demo's world, and what is said before it is served."""

import socket
from dataclasses import dataclass
from importlib.resources import files

import msgspec
import typer

from guestlist.actions import accounts, people, worlds
from guestlist.cli import desk
from guestlist.domain.refusals import Misconfigured
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.settings import DEFAULT_DATABASE, Settings

_FIRST = """\
Guestlist serves {url}/v1 with a demo world. Its token, shown this once:

  {token}

Sign in as its Admin {admin}, once and within the hour:

  {link}

For another: {another}
Letters land in {outbox}.

With curl:

  TOKEN={token}
  curl -H "Authorization: Bearer $TOKEN" {url}/v1/users
  curl -H "Authorization: Bearer $TOKEN" {url}/v1/users -d '{invite}'

With the Python SDK (pip install mailersend):

  from mailersend import MailerSendClient, UsersBuilder
  client = MailerSendClient(api_key="{token}", base_url="{url}/v1/")
  print(client.users.list_users(UsersBuilder().build_users_list()).data)
"""
_INVITE = '{"email":"eve@acme.test","role":"Manager"}'
_AGAIN = """\
Guestlist serves {url}/v1 with the world in {database}.
For another token: guestlist token create NAME --scope users_full{option}
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What is told once of a new world: a token's text, and how its first Admin signs in."""

    token: str
    admin: str
    link: str


def prepare(settings: Settings) -> None:
    """Makes the demo's world where there is none yet, and says how to reach it."""
    _check_port(settings)
    made, address = made_world(settings)
    url = settings.public_url
    option = "" if settings.database == DEFAULT_DATABASE else f" --database {address}"
    if made is None:
        typer.echo(_AGAIN.format(url=url, database=address, option=option))
        return
    another = f"guestlist people link {made.admin}{option}"
    if url != Settings().public_url:
        another += f" --public-url {url}"
    told = {"token": made.token, "admin": made.admin, "link": made.link, "another": another}
    typer.echo(_FIRST.format(url=url, outbox=settings.outbox, invite=_INVITE, **told))


def _check_port(settings: Settings) -> None:
    """A token is shown once: not before a server that then cannot start."""
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        raise Misconfigured(
            f"Port {settings.port} is taken: {error.strerror}. Choose another with --port."
        ) from error


def made_world(settings: Settings) -> tuple[Made | None, str]:
    """What to tell of the new world, None where there is an account already; and the address."""
    url = settings.public_url
    with desk.deployment(settings.database, may_make=True, public_url=url) as runtime:
        if accounts.every(runtime):
            return None, runtime.database.address
        [new] = world_accounts.read(msgspec.json.decode(_document()), runtime.catalog)
        request = desk.request_id()
        [minted] = worlds.make(runtime, new, request=request).minted
        admin = next(user.email for user in new.users if user.is_active_admin)
        person = people.find(runtime, admin.key)
        link = people.sign_in_link(runtime, person.key, request=request)
        return Made(minted.text, admin.address, link), runtime.database.address


def _document() -> bytes:
    return files("guestlist.cli").joinpath("demo.json").read_bytes()

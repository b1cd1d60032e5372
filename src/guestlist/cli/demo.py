"""The demo's world, and what is said before it is served."""

import socket
from importlib.resources import files

import msgspec
import typer

from guestlist.actions import accounts, worlds
from guestlist.cli import desk
from guestlist.domain.refusals import Misconfigured
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.settings import DEFAULT_DATABASE, Settings

_FIRST = """\
Guestlist serves {url}/v1 with a demo world. Its token, shown this once:

  {token}

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


def prepare(settings: Settings) -> None:
    """Makes the demo's world where there is none yet, and says how to reach it."""
    _check_port(settings)
    text, address = made_token(settings.database)
    if text is not None:
        typer.echo(_FIRST.format(url=settings.public_url, token=text, invite=_INVITE))
        return
    option = "" if settings.database == DEFAULT_DATABASE else f" --database {address}"
    typer.echo(_AGAIN.format(url=settings.public_url, database=address, option=option))


def _check_port(settings: Settings) -> None:
    """A token is shown once: not before a server that then cannot start."""
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        raise Misconfigured(
            f"Port {settings.port} is taken: {error.strerror}. Choose another with --port."
        ) from error


def made_token(database: str) -> tuple[str | None, str]:
    """The new world's token, None where there is an account already; and the address, to show."""
    with desk.deployment(database, may_make=True) as runtime:
        if accounts.every(runtime):
            return None, runtime.database.address
        [new] = world_accounts.read(msgspec.json.decode(_document()))
        [minted] = worlds.make(runtime, new, request=desk.request_id()).minted
        return minted.text, runtime.database.address


def _document() -> bytes:
    return files("guestlist.cli").joinpath("demo.json").read_bytes()

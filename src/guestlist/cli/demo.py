"""The demo's world, and what is said before it is served."""

from importlib.resources import files

import msgspec
import typer

from guestlist.actions import accounts, worlds
from guestlist.cli import desk
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.settings import Settings

_TOKEN_VARIABLE = "MAILERSEND_API_KEY"

_FIRST = """\
Guestlist serves {url}/v1 with a demo world.
The token, shown this once:

  {token}

With curl:

  export {variable}={token}
  curl -H "Authorization: Bearer ${variable}" {url}/v1/users
  curl -H "Authorization: Bearer ${variable}" {url}/v1/users --json '{{"email":"eve@acme.test","role":"Manager"}}'

With the Python SDK (pip install mailersend):

  from mailersend import MailerSendClient, UsersBuilder
  client = MailerSendClient(api_key="{token}", base_url="{url}/v1/")
  print(client.users.list_users(UsersBuilder().build_users_list()).data)
"""
_AGAIN = """\
Guestlist serves {url}/v1 with the world in {database}.
For another token: guestlist token create NAME --scope users_full{option}
"""


def prepare(settings: Settings) -> None:
    """Makes the demo's world where there is none yet, and says how to reach it."""
    text = made_token(settings.database)
    if text is None:
        typer.echo(_AGAIN.format(url=settings.public_url, database=settings.database, option=""))
    else:
        typer.echo(_FIRST.format(url=settings.public_url, token=text, variable=_TOKEN_VARIABLE))


def made_token(database: str) -> str | None:
    """The text of the new world's token; None where there is an account already."""
    with desk.deployment(database, may_make=True) as runtime:
        if accounts.every(runtime):
            return None
        [new] = world_accounts.read(msgspec.json.decode(_document()))
        [minted] = worlds.make(runtime, new, request=desk.request_id()).minted
        return minted.text


def _document() -> bytes:
    return files("guestlist.cli").joinpath("demo.json").read_bytes()

"""What a twin says when it is ready: a line of JSON for programs, a few for people."""

import json
import shlex
import sys
from typing import Any

import typer


def document(twin: Any, url: str, address: Any = None) -> dict[str, Any]:
    """What whoever starts one needs to know; `env` are the variables that clients read."""
    first = twin.accounts[0] if twin.accounts else None
    token = first.tokens[0]["token"] if first and first.tokens else ""
    found: dict[str, Any] = {
        "url": url,
        "token": token,
        "seed": twin.seed,
        "env": {
            "GUESTLIST_TWIN_URL": url,
            "MAILERSEND_API_BASE_URL": f"{url}/v1",
            "MAILERSEND_API_KEY": token,
            "MAILERSEND_API_TOKEN": token,
        },
    }
    if address is not None:
        found["tls"] = address.told
        found["env"] |= address.env
    return found


def tell(told: dict[str, Any], *, as_json: bool) -> None:
    """For people only where standard output is a terminal."""
    is_for_people = sys.stdout.isatty() and not as_json
    typer.echo(_for_people(told) if is_for_people else json.dumps(told))


def _for_people(told: dict[str, Any]) -> str:
    env, tls = told["env"], told.get("tls")
    needed = ["MAILERSEND_API_BASE_URL", "MAILERSEND_API_KEY"]
    lines = [
        f"A twin for your tests is at {told['url']} (seed {told['seed']}).",
        "It keeps nothing, and ends with Ctrl-C.",
        "",
        "What your program needs to find it:",
        "",
    ]
    if tls is not None:
        lines[3:3] = [f"It is {tls['host']} too, for clients with these variables.", ""]
        needed = [name for name in env if name != "GUESTLIST_TWIN_URL"]
    lines += [f"  export {name}={shlex.quote(env[name])}" for name in needed]
    lines += ["", "To try it:", "", f"  {_try(told)}", ""]
    return "\n".join(lines)


def _try(told: dict[str, Any]) -> str:
    if not told["token"]:
        return f"curl -X POST {told['url']}/_twin/accounts"
    return f"curl -H 'Authorization: Bearer {told['token']}' {told['url']}/v1/users"

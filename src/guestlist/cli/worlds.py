"""`guestlist import` and `guestlist export`."""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from guestlist.actions import accounts, exports, worlds
from guestlist.actions.runtime import operator
from guestlist.actions.worlds import Made
from guestlist.cli import desk, files, output, progress
from guestlist.cli.options import AccountOption, DatabaseOption, JsonOption
from guestlist.cli.refusals import Told
from guestlist.domain.refusals import NotFound
from guestlist.domain.worlds import accounts as world_accounts
from guestlist.domain.worlds.accounts import NewAccount
from guestlist.settings import DEFAULT_DATABASE

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_world)
    app.command("export")(export_world)


def import_world(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A world's JSON; - for standard input.")
    ],
    *,
    database: DatabaseOption = DEFAULT_DATABASE,
    as_json: JsonOption = False,
) -> None:
    """Make the accounts that a file describes.

    Each is made in one transaction, and a broken file changes nothing. People who exist already
    are joined as they are. Tokens without a text get one, printed once. The format is in
    docs/reference/import-format.md.

    Example: guestlist import world.json
    """
    document = _parsed(file)
    made: list[Made] = []
    world = world_accounts.read(document, desk.catalog())
    with desk.deployment(database, may_make=True) as runtime:
        worlds.check(runtime, world)
        try:
            with progress.bar(_rows(world), "rows") as advance:
                for new in world:
                    one = worlds.make(runtime, new, request=desk.request_id(), progress=advance)
                    made.append(one)
        finally:
            # What was made stays made whatever comes after it, and its tokens are told only here.
            _tell(made, as_json=as_json)


def _parsed(file: str) -> Any:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    content = content.removeprefix(_BYTE_ORDER_MARK)
    name = "Standard input" if file == "-" else file
    if not content.strip():
        raise Told(f"{name} is empty.")
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Told(f"{name} is not JSON: {error}.") from error
    except RecursionError as error:
        raise Told(f"{name} is nested too deeply.") from error


def _rows(world: Sequence[NewAccount]) -> int:
    return sum(len(account.users) + len(account.invites) for account in world)


def _tell(made: Sequence[Made], *, as_json: bool) -> None:
    if as_json:
        output.show_json({"data": [_document(one) for one in made]})
        return
    for one in made:
        counts = ", ".join(_counted(number, kind) for kind, number in one.counts.items())
        output.say(f"Imported {one.name}, id {one.id}: {counts}.")
        for token in one.minted:
            output.say(f"Token {token.name} of {token.owner}, shown this once: {token.text}")


def _counted(number: int, kind: str) -> str:
    return f"{number:,} {kind.removesuffix('s') if number == 1 else kind}"


def _document(made: Made) -> dict[str, Any]:
    minted = [{"name": t.name, "owner": t.owner, "accessToken": t.text} for t in made.minted]
    return {"id": made.id, "name": made.name, **made.counts, "minted": minted}


def export_world(
    *,
    account: AccountOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where to; left out: standard output."),
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
) -> None:
    """Write accounts as import reads them.

    Tokens travel as digests, so those who have them go on; passwords and sessions do not travel.

    Example: guestlist export --output world.json
    """
    with desk.deployment(database) as runtime:
        try:
            found = accounts.every(runtime) if account is None else [accounts.get(runtime, account)]
        except NotFound as refusal:
            raise Told(f"There is no account {account}; see: guestlist account list.") from refusal
        with files.written(to) as write:
            write(b'{"accounts":[')
            for number, one in enumerate(found):
                write(b",\n" if number else b"\n")
                caller = operator(one.key, desk.request_id())
                with exports.account(runtime, caller) as document:
                    _write_account(write, document)
            write(b"\n]}\n")


def _write_account(write: Callable[[bytes], object], document: dict[str, Any]) -> None:
    """One entry a line, each written as soon as it is read."""
    encode = msgspec.json.Encoder().encode
    for number, (key, value) in enumerate(document.items()):
        write(b",\n " if number else b"{")
        write(encode(key) + b":")
        if isinstance(value, str | int | None):
            write(encode(value))
        else:
            _write_list(write, value, encode)
    write(b"}")


def _write_list(
    write: Callable[[bytes], object], entries: Iterable[Any], encode: Callable[[Any], bytes]
) -> None:
    write(b"[")
    for number, entry in enumerate(entries):
        write((b",\n  " if number else b"\n  ") + encode(entry))
    write(b"]")

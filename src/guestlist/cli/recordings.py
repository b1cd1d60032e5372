"""`guestlist twin record` and `guestlist twin diff`."""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from guestlist.cli import differences, files, output, refusals
from guestlist.cli.options import JsonOption
from guestlist.cli.refusals import Told
from guestlist.domain.refusals import Refusal

if TYPE_CHECKING:
    from guestlist.testing.playing import Player
    from guestlist.testing.recording import Recording
    from guestlist.testing.scripts import Script

TOKEN_VARIABLES = ("MAILERSEND_API_TOKEN", "MAILERSEND_API_KEY")
DIFFERENT, FAILED = 1, 2

ReadWriteOption = Annotated[
    bool,
    typer.Option(
        "--read-write",
        help="Let the script change something; the built-in one then also invites an address that"
        " is nobody's, and takes it back.",
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="EMAIL",
        help="Who is invited: at example.com or under .test. Left out: made up, at example.com.",
        show_default=False,
    ),
]
RecordingArgument = Annotated[Path, typer.Argument(metavar="RECORDING", help="What record wrote.")]
OtherOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="Who is asked in place of a twin of its own.",
        show_default=False,
    ),
]
WorldOption = Annotated[
    Path | None,
    typer.Option(
        "--world",
        metavar="FILE",
        help="What the twin begins with, as import reads it. Left out: as recorded, as near as"
        " that tells.",
        show_default=False,
    ),
]
AcceptOption = Annotated[
    Path | None,
    typer.Option(
        "--accept",
        metavar="FILE",
        help="Differences that are as they should be, as JSON or TOML.",
        show_default=False,
    ),
]
TimeoutOption = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, max=600, help="For each whole answer."),
]


def add_to(app: typer.Typer) -> None:
    app.command("record")(record)
    app.command("diff")(diff)


def record(
    *,
    base_url: Annotated[
        str,
        typer.Option("--base-url", metavar="URL", help="As in https://api.mailersend.com/v1."),
    ],
    read_write: ReadWriteOption = False,
    address: AddressOption = None,
    script: Annotated[
        Path | None,
        typer.Option(
            "--script",
            metavar="FILE",
            help="Calls of your own, as JSON or TOML. Left out: every GET of the users API.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="A new file. Left out: standard output."),
    ] = None,
    timeout: TimeoutOption = 30,
) -> None:
    """Ask an API, and write down how it answers, without anybody's data.

    The token comes from MAILERSEND_API_TOKEN or MAILERSEND_API_KEY, and is written nowhere. It
    makes at most 57 calls a minute. docs/recording.md says what is asked and what is kept.

    Example: guestlist twin record --base-url https://api.mailersend.com/v1 --output mine.json
    """
    from guestlist.testing import recording, scripts  # noqa: PLC0415 - no help page waits for it

    built_in = scripts.READ_WRITE if read_write else scripts.READ_ONLY
    chosen = built_in if script is None else scripts.read(_parsed(script))
    with files.written(to, may_replace=False) as write:
        made = _played(chosen, _player(base_url, timeout), address, read_write=read_write)
        write(recording.written(made))


def diff(
    file: RecordingArgument,
    *,
    base_url: OtherOption = None,
    world: WorldOption = None,
    accept: AcceptOption = None,
    read_write: ReadWriteOption = False,
    address: AddressOption = None,
    timeout: TimeoutOption = 30,
    as_json: JsonOption = False,
) -> None:
    """Ask the same of a twin, and tell where its answers are of another make.

    Statuses, headers, messages, and the keys and types of JSON; not the data. Exit code 0: no
    difference, 1: differences, 2: it could not be done.

    Example: guestlist twin diff mine.json --accept accepted.toml
    """
    with _failing_by(FAILED):
        from guestlist.testing import differing, recording  # noqa: PLC0415 - see above

        if base_url is not None and world is not None:
            raise Told("--world is what a twin of its own begins with, and --base-url is another.")
        recorded = recording.read(_bytes(file))
        accepted = [] if accept is None else differing.accepted(_parsed(accept))
        with _asked(recorded, base_url, world, timeout) as player:
            may_change = read_write or base_url is None
            here = _played(recorded.played, player, address, read_write=may_change)
        found = differing.parted(differing.differences(recorded, here), accepted)
    (differences.tell_json if as_json else differences.tell)(len(recorded.steps), *found)
    if found[0]:
        raise typer.Exit(DIFFERENT)


@contextmanager
def _failing_by(code: int) -> Iterator[None]:
    """1 is an answer here: what fails must be told from it."""
    try:
        yield
    except Refusal as refusal:
        typer.echo(refusals.worded(refusal), err=True)
    except OSError as error:
        typer.echo(f"{error.filename or 'guestlist'}: {error.strerror or error}.", err=True)
    else:
        return
    raise typer.Exit(code)


@contextmanager
def _asked(
    recorded: "Recording", base_url: str | None, world: Path | None, timeout: float
) -> "Iterator[Player]":
    """Who is asked the script of a recording."""
    from guestlist.app.logs import configure_logs_late  # noqa: PLC0415 - see above
    from guestlist.testing import asking, likeness  # noqa: PLC0415
    from guestlist.testing.inside import Inside  # noqa: PLC0415
    from guestlist.testing.playing import Player  # noqa: PLC0415

    if base_url is not None:
        yield _player(base_url, timeout)
        return
    begins = likeness.world(recorded) if world is None else _parsed(world)
    if not isinstance(begins, dict):
        raise Told(f"{world} is no world: it must be a JSON object.")
    # Standard output is the comparison's alone.
    configure_logs_late("error")
    with closing(Inside(seed=None, world=begins)) as inside:
        twin = inside.twin
        tokens = twin.accounts[0].tokens if twin.accounts else []
        if not tokens:
            raise Told(f"{world} has no account with a token to ask with.")
        named = {one["name"]: one["token"] for one in reversed(tokens)}
        token = named.get(likeness.TOKEN, tokens[0]["token"])
        peer = asking.Peer(asking.base(twin.options.public_url), seconds=timeout)
        yield Player(peer, token)


def _player(base_url: str, timeout: float) -> "Player":
    from guestlist.testing import asking  # noqa: PLC0415 - see above
    from guestlist.testing.playing import Player  # noqa: PLC0415

    peer = asking.Peer(asking.base(base_url), seconds=timeout)
    return Player(peer, _token(), _progress)


def _played(
    script: "Script", player: "Player", address: str | None, *, read_write: bool
) -> "Recording":
    from guestlist.testing import recording, scrubbing  # noqa: PLC0415 - see above

    address = address or f"guestlist-{secrets.token_hex(8)}@example.com"
    if not scrubbing.is_nobodys(address):
        raise Told(
            f"--address must be nobody's, at example.com or under .test: {address!r} would get a"
            " letter."
        )
    played = player.play(script, address=address, read_write=read_write)
    return recording.made(script, played, at=player.peer.base, secrets=[player.token])


def _token() -> str:
    for name in TOKEN_VARIABLES:
        found = os.environ.get(name, "").strip()
        if found:
            if not (found.isascii() and found.isprintable()) or " " in found:
                raise Told(f"{name} holds no token: a token is ASCII without blanks.")
            return found
    raise Told(
        f"There is no token to ask with: set {' or '.join(TOKEN_VARIABLES)}. It is no option, for"
        " those are seen by everybody on this machine."
    )


def _progress(number: int, of: int, line: str) -> None:
    typer.echo(f"{number} of {of}: {output.printable(line)}", err=True)


def _bytes(file: Path) -> bytes:
    from guestlist.testing.recording import MAX_BYTES  # noqa: PLC0415 - see above

    if file.stat().st_size > MAX_BYTES:
        raise Told(f"{file} is larger than any recording.")
    return file.read_bytes()


def _parsed(file: Path) -> Any:
    import tomllib  # noqa: PLC0415 - as above

    content = _bytes(file)
    try:
        if file.suffix == ".toml":
            return tomllib.loads(content.decode())
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        kind = "TOML" if file.suffix == ".toml" else "JSON"
        raise Told(f"{file} is not {kind}: {error}.") from error
    except RecursionError as error:
        raise Told(f"{file} is nested too deeply.") from error

"""Writing a file that others may not read, whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import typer

from guestlist.cli.refusals import Told


@contextmanager
def written(path: Path | None, *, may_replace: bool = True) -> Generator[Callable[[bytes], object]]:
    """Writes to a file that replaces `path` when the block ends well; None is standard output.

    Where it `may_replace` nothing, a file that is there before the block or after it is refused.
    """
    if path is None:
        yield typer.get_binary_stream("stdout").write
        return
    if not path.parent.is_dir():
        raise Told(f"There is no folder {path.parent} to write to.")
    if not may_replace:
        _refuse_existing(path)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        if not may_replace:
            _refuse_existing(path)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink()
        raise


def _refuse_existing(path: Path) -> None:
    """Raises Told."""
    if path.exists() or path.is_symlink():
        raise Told(f"{path} is there already, and is not written over: give another name.")


def write(path: Path | None, texts: Iterable[str]) -> None:
    """Text piece by piece, as it comes."""
    with written(path) as write_bytes:
        for text in texts:
            write_bytes(text.encode())

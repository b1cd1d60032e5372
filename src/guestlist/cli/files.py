"""Writing a file that others may not read, whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import typer

from guestlist.cli.refusals import Told


@contextmanager
def written(path: Path | None) -> Generator[Callable[[bytes], object]]:
    """Writes to a file that replaces `path` when the block ends well; None is standard output."""
    if path is None:
        yield typer.get_binary_stream("stdout").write
        return
    if not path.parent.is_dir():
        raise Told(f"There is no folder {path.parent} to write to.")
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink()
        raise


def write(path: Path | None, texts: Iterable[str]) -> None:
    """Text piece by piece, as it comes."""
    with written(path) as write_bytes:
        for text in texts:
            write_bytes(text.encode())

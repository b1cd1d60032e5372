"""Letters as files in a folder, readable by the operator only."""

import os
from pathlib import Path

from guestlist.delivery.messages import Stationery
from guestlist.domain.letters import Letter
from guestlist.store import folders


class Folder:
    """Writes each letter into a file of its name; the same letter again replaces it."""

    def __init__(self, path: Path, stationery: Stationery) -> None:
        self._path = path
        self._stationery = stationery

    overwrites = True

    def __str__(self) -> str:
        return f"the folder {self._path}"

    def send(self, letter: Letter) -> Path:
        """Raises OSError."""
        body = self._stationery.envelope(letter, readable=True).bytes()
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Named for its letter: what a crash left half-written is written over by the next attempt.
        draft = self._path / f".{letter.name}"
        try:
            draft.touch(mode=0o600)
            with draft.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            target = self._path / f"{letter.name}.eml"
            draft.replace(target)
            folders.keep(self._path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return target

    def rest(self) -> None:
        """Nothing is kept open."""

    def close(self) -> None:
        """Nothing is kept open."""

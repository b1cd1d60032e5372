"""How letters leave: for now as files in a folder, readable by the operator only."""

import os
from pathlib import Path

from guestlist.domain.letters import Letter
from guestlist.store import folders


class Folder:
    """Writes each letter into a file of its name; the same letter again replaces it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, letter: Letter) -> Path:
        """Raises OSError."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Named for its letter: what a crash left half-written is written over by the next attempt.
        draft = self._path / f".{letter.name}"
        try:
            draft.touch(mode=0o600)
            with draft.open("w", encoding="utf-8") as file:
                file.write(f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}")
                file.flush()
                os.fsync(file.fileno())
            target = self._path / f"{letter.name}.txt"
            draft.replace(target)
            folders.keep(self._path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return target

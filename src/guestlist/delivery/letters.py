"""How letters leave: for now as files in a folder, readable by the operator only."""

import os
import tempfile
from pathlib import Path

from guestlist.domain.letters import Letter


class Folder:
    """Writes each letter into a file of its name; the same letter again replaces it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, letter: Letter) -> Path:
        """Raises OSError."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self._path, prefix=".")  # 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}")
                file.flush()
                os.fsync(file.fileno())
            target = self._path / f"{letter.name}.txt"
            Path(draft).replace(target)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
        return target

"""What letters look like when they leave, for tests."""

from pathlib import Path

from guestlist.delivery import messages
from guestlist.delivery.folder import Folder
from guestlist.delivery.rendering import Rendered, render
from guestlist.domain.letters import Letter

HOST = "guestlist.test"
STATIONERY = messages.stationery(f"http://{HOST}", sender=None)


def rendered(letter: Letter) -> Rendered:
    return render(letter, host=HOST, language="en")


def secret(letter: Letter) -> str:
    return letter.link.rpartition("/")[2]


def folder(path: Path) -> Folder:
    return Folder(path, STATIONERY)

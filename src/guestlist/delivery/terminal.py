"""Letters on the terminal, for whoever tries things out."""

from typing import TextIO

from guestlist.delivery.messages import Stationery
from guestlist.domain.letters import Letter
from guestlist.domain.refusals import Misconfigured


class Terminal:
    """Raises Misconfigured where the output is no terminal: a log would keep the links."""

    def __init__(self, output: TextIO, stationery: Stationery) -> None:
        if not output.isatty():
            raise Misconfigured(
                "Letters go to the terminal only where standard output is one: a file or a log"
                " would keep their secret links. Choose a folder with --mail folder:PATH."
            )
        self._output = output
        self._stationery = stationery

    overwrites = False

    def __str__(self) -> str:
        return "this terminal"

    def send(self, letter: Letter) -> str:
        message = self._stationery.envelope(letter, readable=True).message
        text = message.get_body(("plain",))
        said = "" if text is None else text.get_content()
        head = f"To: {message['To']}\nSubject: {message['Subject']}\n\n"
        self._output.write(f"\n{head}{said}\n")
        self._output.flush()
        return str(self)

    def rest(self) -> None:
        """Nothing is kept open."""

    def close(self) -> None:
        """Nothing is kept open."""

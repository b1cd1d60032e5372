"""What every command does with whatever it raises."""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from guestlist.cli import refusals
from guestlist.domain.refusals import Refusal

DEBUG_VARIABLE = "GUESTLIST_DEBUG"
HELP = {"help_option_names": ["-h", "--help"]}


class Commands(TyperGroup):
    """Whatever a command raises ends as a sentence on standard error."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except Refusal as refusal:
            _fail(refusals.worded(refusal))
        except UnicodeError:
            _fail("What was given holds bytes that are no text.")
        except OSError as error:
            _fail(f"{error.filename or 'guestlist'}: {error.strerror or error}.")
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            told = str(error).partition("\n")[0]
            _fail(
                f"This is a mistake in guestlist, not yours: {type(error).__name__}: {told}."
                f" With {DEBUG_VARIABLE}=1 it shows where."
            )


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    sys.exit(1)

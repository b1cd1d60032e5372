"""The `guestlist` command."""

import sys


def main() -> None:
    # `--version` should not wait for a web server, nor a twin for the other commands.
    if sys.argv[1:2] == ["twin"]:
        from guestlist.cli.twin import app  # noqa: PLC0415

        app(sys.argv[2:], prog_name="guestlist twin")
    else:
        from guestlist.cli.main import app  # noqa: PLC0415

        app()


if __name__ == "__main__":
    main()

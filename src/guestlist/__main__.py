"""The `guestlist` command."""


def main() -> None:
    from guestlist.cli.main import app  # noqa: PLC0415 - `--version` should not wait for a web server

    app()


if __name__ == "__main__":
    main()

"""Commands that start at once: what they are given is read without what typer reads it with.

That is pydantic, which takes a tenth of a second and eight megabytes.
"""

import math
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from guestlist.cli.commands import Commands

_UNREAD = object()


class LightCommand(TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _lighten(self.get_params(ctx))
        return super().parse_args(ctx, args)


class LightGroup(Commands):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _lighten(self.get_params(ctx))
        return super().parse_args(ctx, args)


def _lighten(params: list[Any]) -> None:
    for param in params:
        if not param.required:
            param.process_value = partial(_process, param, type(param).process_value)


def _process(param: Any, by_typer: Any, context: typer.Context, value: Any) -> Any:
    """As typer would: what is more than plain is its own to read, and to refuse."""
    read = _read(param, value)
    if read is _UNREAD:
        return by_typer(param, context, value)
    return read if param.callback is None else param.callback(context, param, read)


def _read(param: Any, value: Any) -> Any:
    kind = param.type_descriptor.annotation
    if value is None:
        return None
    if kind is int:
        number = _number(str(value))
        most = math.inf if param.max is None else param.max
        return number if (param.min or 0) <= number <= most else _UNREAD
    if kind is Path:
        return Path(value)
    return value if type(value) is kind else _UNREAD


def _number(text: str) -> int:
    """-1 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() else -1

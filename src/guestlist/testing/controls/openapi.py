"""The controls' description of themselves, in OpenAPI 3.1: the table, told to machines."""

import re
from typing import Any

import msgspec

from guestlist import __version__
from guestlist.testing.controls.asks import Ask, Control, Problem

PATH = "/openapi.json"
_ABOUT = """\
What a test can do to its twin. `Authorization: Bearer` and an account's token mean that account's
realm; without one the whole twin is meant. For this machine alone: a request with an `Origin`, or
for a host that is not loopback, is refused (403)."""


def document(controls: list[Control], url: str) -> dict[str, Any]:
    """`url` is the twin's."""
    paths: dict[str, dict[str, Any]] = {}
    for control in controls:
        paths.setdefault(f"/_twin{control.path}", {})[control.method.lower()] = _operation(control)
    told = [control.answer for control in controls] + [control.body for control in controls]
    types = {type_ for type_ in told if type_ not in {None, dict}} | {Problem}
    _, schemas = msgspec.json.schema_components(
        sorted(types, key=lambda type_: type_.__name__), ref_template=_REFERENCE
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Guestlist twin", "version": __version__, "description": _ABOUT},
        "servers": [{"url": url}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_REFERENCE = "#/components/schemas/{name}"


def _operation(control: Control) -> dict[str, Any]:
    named = re.findall(r"{(\w+)}", control.path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in named
    ] + [
        {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
        for name, about in control.query
    ]
    told = {
        "operationId": control.handler.__module__.rpartition(".")[2]
        + "_"
        + control.handler.__name__,
        "summary": control.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "Done.", "content": _json(control.answer)},
            "default": {"description": "Refused, with the reason.", "content": _json(Problem)},
        },
    }
    if control.body is not None:
        told["requestBody"] = {"required": False, "content": _json(control.body)}
    return told


def _json(type_: type | None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if type_ not in {None, dict}:
        schema = {"$ref": _REFERENCE.format(name=getattr(type_, "__name__", ""))}
    return {"application/json": {"schema": schema}}


async def show(ask: Ask) -> Any:
    from guestlist.testing.controls.routes import CONTROLS  # noqa: PLC0415 - the table names this

    return document(CONTROLS, ask.twin.options.public_url)

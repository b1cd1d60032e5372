"""The JSON Schemas of what the API takes and says, from the types that serving uses."""

from collections.abc import Iterable
from typing import Any

import msgspec

from guestlist.api.discovery import ConfigurationDocument
from guestlist.api.fields import PERMISSIONS, ROLES
from guestlist.api.refusals import InvalidDocument, RefusalDocument
from guestlist.api.routes import ENDPOINTS
from guestlist.domain.access import Catalog

Schema = dict[str, Any]


class Status(msgspec.Struct):
    status: str


def components(catalog: Catalog) -> dict[str, Schema]:
    """Every named schema. An answer has all its keys but those that say they may be unset."""
    public = {RefusalDocument, InvalidDocument, Status, ConfigurationDocument}
    answers = _schemas({e.response for e in ENDPOINTS} | public, are_answers=True)
    told: dict[str, Schema] = _in_words_of(catalog, answers | _schemas({e.body for e in ENDPOINTS}))
    return told


def _in_words_of(catalog: Catalog, part: Any) -> Any:
    if isinstance(part, list):
        return [_in_words_of(catalog, entry) for entry in part]
    if not isinstance(part, dict):
        return part
    told = {key: _in_words_of(catalog, value) for key, value in part.items()}
    for placeholder, words in ((ROLES, catalog.roles), (PERMISSIONS, catalog.permissions)):
        if told.get("enum") == placeholder:
            told["enum"] = [word.name for word in words]
    return told


def reference(type_: type) -> Schema:
    return {"$ref": f"#/components/schemas/{_named(type_.__name__)}"}


def _schemas(types: Iterable[Any], *, are_answers: bool = False) -> dict[str, Schema]:
    structs = sorted((t for t in types if t is not None), key=lambda struct: struct.__name__)
    _, found = msgspec.json.schema_components(structs, ref_template="{name}")
    if are_answers:
        for schema in found.values():
            fields, required = schema["properties"], schema.get("required", ())
            schema["required"] = [n for n in fields if n in required or "default" in fields[n]]
    return {_named(name): _told(schema) for name, schema in found.items()}


def _named(name: str) -> str:
    return name.replace("Document", "")


def _told(schema: Schema) -> Schema:
    """In the words of OpenAPI. Titles repeat names; defaults only say that a key is optional."""
    told = {key: value for key, value in schema.items() if key not in {"title", "default"}}
    if "$ref" in told:
        return {"$ref": f"#/components/schemas/{_named(told['$ref'])}"}
    if "properties" in told:
        told["properties"] = {name: _told(field) for name, field in told["properties"].items()}
    if "items" in told:
        told["items"] = _told(told["items"])
    if "anyOf" in told:
        return told | _one_of(told.pop("anyOf"))
    return told


def _one_of(choices: list[Schema]) -> Schema:
    # Anything is how JSON that was written before looks; the type beside it says what it is.
    known = [_told(choice) for choice in choices if choice]
    [first, *others] = known
    if others == [{"type": "null"}] and "type" in first and "enum" not in first:
        return first | {"type": [first["type"], "null"]}
    return first if not others else {"anyOf": known}

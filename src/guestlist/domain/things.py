"""What a user's power is narrowed to: the account's domains and templates."""

from dataclasses import dataclass

from guestlist.domain import emails
from guestlist.domain.refusals import Fault, Invalid, Rule

MAX_NAME = 255
MAX_TYPE = 50
MAX_DESCRIPTION = 10_000
# The wire's code of a template written as rich text.
DEFAULT_TYPE = "rt"


@dataclass(frozen=True, slots=True)
class Domain:
    key: int
    id: str
    name: str
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Template:
    key: int
    id: str
    name: str
    description: str | None
    type: str
    created_at: int


@dataclass(frozen=True, eq=False)
class Things:
    """All domains and templates of an account at one revision, by key, in order of making.

    Compared by identity, so that what is derived from one can be remembered with it.
    """

    domains: dict[int, Domain]
    templates: dict[int, Template]


def examine_domain(name: str) -> str:
    """The one spelling of a domain's name. Raises Invalid where it is no host name."""
    found = emails.host(name)
    if found is None:
        raise Invalid([Fault("name", Rule.HOST)])
    return found


def check_template(name: str, *, kind: str, description: str | None) -> None:
    """Raises Invalid where a text is missing or too long."""
    needed = {"name": name, "type": kind}
    longest = {"name": MAX_NAME, "type": MAX_TYPE, "description": MAX_DESCRIPTION}
    texts = needed | {"description": description or ""}
    faults = [Fault(field, Rule.REQUIRED) for field, text in needed.items() if not text.strip()]
    faults += [
        Fault(field, Rule.MAX_CHARACTERS, longest[field])
        for field, text in texts.items()
        if len(text) > longest[field]
    ]
    if faults:
        raise Invalid(faults)

"""From an answer to bytes: templates in the reader's language."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from guestlist import languages
from guestlist.console import assets
from guestlist.domain import accounts
from guestlist.domain.people import Person


@cache
def _templates(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("guestlist.console"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken = languages.of(language)
    made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters["date"] = spoken.date
    made.filters["moment"] = spoken.moment
    # For words that may be a deployment's own, and so no template's: nothing in them is filled in.
    made.filters["translated"] = spoken.gettext
    made.filters["initials"] = _initials
    made.globals["asset"] = assets.url
    made.globals["language"] = language
    made.tests["web_address"] = accounts.is_url
    return made


def _initials(person: Person) -> str:
    """The first letters of the names; of the address, where the names have none."""
    letters = [next(filter(str.isalnum, part), "") for part in (person.name, person.last_name)]
    return ("".join(letters) or person.email[:1]).upper()


def render(template: str, shown: Mapping[str, Any], *, language: str) -> bytes:
    return _templates(language).get_template(template).render(shown).encode()

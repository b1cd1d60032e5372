"""The languages that letters and pages are in: English in the source, the others in catalogues."""

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

SOURCE = "en"
NAMES = {"en": "English", "de": "Deutsch", "fr": "Français"}
_MICROSECONDS = 1_000_000
_MAX_HEADER = 1_000


@dataclass(frozen=True, slots=True)
class Language:
    """One language: `name` is its code, `gettext` and `ngettext` are what Jinja takes."""

    name: str
    translations: gettext.NullTranslations

    def gettext(self, message: str) -> str:
        return self.translations.gettext(message) if message else ""

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.translations.ngettext(singular, plural, number)

    def say(self, message: str, /, **values: object) -> str:
        """A sentence with its `%(name)s` filled in. A catalogue knows it by its first argument."""
        return self.gettext(message) % values

    def date(self, instant: int) -> str:
        """The day of an instant (microseconds), in UTC."""
        from babel.dates import format_date  # noqa: PLC0415 - most starts write no letter

        return format_date(_utc(instant), "long", locale=self._locale)

    def moment(self, instant: int) -> str:
        """Its day and time, in UTC and saying so."""
        return f"{self.date(instant)}, {_utc(instant):%H:%M} UTC"

    @property
    def _locale(self) -> "Locale":
        from babel import Locale  # noqa: PLC0415

        return Locale.parse(self.name)


@cache
def of(name: str | None) -> Language:
    """English for None, and for a language that there is not."""
    if name is None or name == SOURCE or name not in NAMES:
        return Language(SOURCE, gettext.NullTranslations())
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    catalogue = resources.files(__name__).joinpath("catalogues", f"{name}.po")
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue.read_bytes()), locale=name))
    compiled.seek(0)
    return Language(name, gettext.GNUTranslations(compiled))


def best(accept_language: str, *, otherwise: str = SOURCE) -> str:
    """The name of the language an Accept-Language header likes best, of those there are."""
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:_MAX_HEADER].split(",")):
        tag, _, weight = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in NAMES or name == "*":
            liked.append((-_weight(weight), place, name))
    wanted = [name for weight, _, name in sorted(liked) if weight < 0]
    return wanted[0] if wanted and wanted[0] != "*" else otherwise


def _weight(text: str) -> float:
    """Of `q=0.5`; 1 where nothing is said, 0 for what is no number between 0 and 1."""
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        found = float(value)
    except ValueError:
        return 0.0
    return found if 0 <= found <= 1 else 0.0


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant // _MICROSECONDS, UTC)

"""Brings the sentences of the source into the catalogues: what `make messages` runs.

A sentence that is new has no translation yet; one that is gone is dropped. Tests refuse both.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import guestlist
from guestlist import languages
from guestlist.domain.mailersend import MAILERSEND

SOURCE = Path(guestlist.__file__).parent
CATALOGUES = SOURCE / "languages/catalogues"
METHODS = [("**/templates/**", "jinja2"), ("delivery/**.py", "python"), ("console/**.py", "python")]
# `say` is ours; the others are gettext's own names, as Jinja knows them.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "say": None,
}
OPTIONS = {"jinja2": {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.i18n"}}
WIDTH = 100


def sentences() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """Where each sentence stands and how it reads in English, with its plural if it has one."""
    found = extract_from_dir(
        SOURCE, METHODS, {"**/templates/**": OPTIONS["jinja2"]}, keywords=KEYWORDS
    )
    for file, line, message, _comments, _context in found:
        yield file, line, message
    for described in (MAILERSEND.roles, MAILERSEND.permissions):
        yield from (("domain/mailersend.py", 0, one.description) for one in described)


def catalogue(name: str) -> Catalog:
    with (CATALOGUES / f"{name}.po").open("rb") as file:
        return read_po(file, locale=name)


def update(name: str) -> Catalog:
    """The catalogue of a language with the sentences of today, ordered as the source has them."""
    file = CATALOGUES / f"{name}.po"
    kept = catalogue(name) if file.exists() else Catalog(locale=name)
    made = Catalog(locale=name, project="Guestlist", fuzzy=False, header_comment="")
    for _, _, message in sorted(sentences(), key=str):
        key = message[0] if isinstance(message, tuple) else message
        known = kept.get(key)
        if made.get(key) is None:
            made.add(message, known.string if known else "")
    return made


def write() -> None:
    for name in languages.NAMES:
        if name == languages.SOURCE:
            continue
        made = update(name)
        written = BytesIO()
        write_po(written, made, width=WIDTH, omit_header=True, no_location=True)
        header = (
            'msgid ""\nmsgstr ""\n'
            f'"Language: {name}\\n"\n'
            '"Content-Type: text/plain; charset=utf-8\\n"\n'
            f'"Plural-Forms: {made.plural_forms}\\n"\n\n'
        )
        (CATALOGUES / f"{name}.po").write_text(header + written.getvalue().decode(), "utf-8")
        write_mo(BytesIO(), catalogue(name))  # it must compile
        missing = [message.id for message in made if message.id and not message.string]
        print(f"{name}: {len(made)} sentences, {len(missing)} without a translation")


if __name__ == "__main__":
    write()

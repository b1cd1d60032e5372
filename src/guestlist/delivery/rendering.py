"""A letter's words in their reader's language, as text and as HTML."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from guestlist import languages
from guestlist.delivery import words
from guestlist.domain.letters import Letter


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(letter: Letter, *, host: str, language: str) -> Rendered:
    """`host` says who sends it; `language` is for readers whose own is not known."""
    spoken = languages.of(letter.language or language)
    told = words.words(letter, spoken)
    facts = {
        "words": told,
        "link": letter.link,
        "language": spoken.name,
        "plain_link": spoken.say("If the button does not work, open this link:"),
        "sender": spoken.say("Sent automatically by %(host)s.", host=host),
    }
    text, html = (_templates().get_template(f"letter.{kind}") for kind in ("txt", "html"))
    return Rendered(told.subject, text.render(facts), html.render(facts))


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("guestlist.delivery"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )

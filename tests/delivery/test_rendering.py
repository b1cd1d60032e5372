"""What letters look like: every kind, in every language, as text and as HTML."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist import languages
from guestlist.delivery.rendering import Rendered, render
from guestlist.domain.letters import Factor, Kind, Letter
from guestlist.domain.people import JOINERS
from tests.delivery.letters import DATED, FACTS, LINK, LINKED, TOLD, letter

EVERY = [(kind, name) for kind in Kind for name in languages.NAMES]
VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a mail client shows and would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in {"style", "title"}:
            self.words.append(data)

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.words).split())


def drawn(sent: Letter) -> Rendered:
    return render(sent, host="people.acme.test", language="en")


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_text_and_html_tell_the_same_facts(kind: Kind, language: str) -> None:
    made = drawn(letter(kind, language))
    page = Page(made.html)
    for told in (made.text, page.said):
        for name in TOLD[kind]:
            assert str(FACTS[name]) in told, name
        assert ("2027" in told) == (kind in DATED)
    assert made.text.count(LINK) == (kind in LINKED)
    # The button, and the link itself for where buttons do not work.
    assert page.links == ([LINK, LINK] if kind in LINKED else [])
    assert ("html", {"lang": language}) in page.tags
    assert made.subject.isprintable()


@pytest.mark.parametrize("kind", list(Kind))
def test_each_language_has_words_of_its_own(kind: Kind) -> None:
    subjects = {drawn(letter(kind, name)).subject for name in languages.NAMES}
    assert len(subjects) == len(languages.NAMES)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_letter_whose_facts_are_missing_is_still_a_letter(kind: Kind) -> None:
    made = drawn(Letter("n", kind, "eve@x.test", None, FACTS["at"], {}))
    assert made.subject
    assert "None" not in made.text + made.html


def test_an_invitation_by_the_operator_names_nobody() -> None:
    made = drawn(letter(Kind.INVITATION, inviter=None))
    assert made.subject == "You are invited to Acme & Söhne"
    assert "You are invited to join Acme & Söhne as Designer." in made.text.splitlines()


def test_every_change_of_a_second_factor_has_words_of_its_own() -> None:
    texts = {drawn(letter(Kind.FACTOR_CHANGED, what=what)).text for what in (*Factor, "?")}
    assert len(texts) == len(Factor) + 1


@pytest.mark.parametrize("kind", list(Kind))
def test_html_fetches_and_runs_nothing_and_is_readable_light_and_dark(kind: Kind) -> None:
    made = drawn(letter(kind))
    page = Page(made.html)
    allowed = {"html", "head", "meta", "title", "style", "body", "table", "tr", "td"}
    assert {tag for tag, _ in page.tags} <= allowed | {"h1", "p", "a", "br"}
    assert not re.search(r"url\(|@import|<!--", made.html)
    assert 'name="color-scheme" content="light dark"' in made.html
    dark = made.html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    styled = [attrs for _, attrs in page.tags if "color:" in (attrs.get("style") or "")]
    assert styled
    for attrs in styled:
        # What has a colour has it inlined, and another one in the dark.
        assert f".{attrs['class']} {{" in dark, attrs
    assert "max-width:600px" in made.html


@pytest.mark.parametrize(
    ("front", "back"),
    [
        *[("#1c2430", "#ffffff"), ("#525c6b", "#ffffff"), ("#525c6b", "#f3f4f6")],
        *[("#1a4fd0", "#ffffff"), ("#ffffff", "#1a4fd0")],
        *[("#e8ebf0", "#1f242c"), ("#aeb7c4", "#1f242c"), ("#aeb7c4", "#14171c")],
        *[("#9cc0ff", "#1f242c"), ("#0b1220", "#8ab4ff")],
    ],
)
def test_words_stand_out_from_what_is_behind_them(front: str, back: str) -> None:
    made = drawn(letter(Kind.INVITATION)).html
    assert front in made
    assert back in made
    one, other = sorted((_light(front), _light(back)))
    assert (other + 0.05) / (one + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def _light(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@given(st.sampled_from(list(Kind)), st.text(), st.sampled_from(list(languages.NAMES)))
def test_no_name_says_more_than_a_name(kind: Kind, name: str, language: str) -> None:
    names = dict.fromkeys(("account", "inviter", "name", "agent", "network", "email"), name)
    made, plain = drawn(letter(kind, language, **names)), drawn(letter(kind, language))
    assert len(made.subject.splitlines()) == 1
    assert all(c.isprintable() or c in JOINERS for c in made.subject)
    if name.strip() and name.isprintable():  # else a sentence that names nobody may stand there
        assert len(made.text.splitlines()) == len(plain.text.splitlines())
    tags = [tag for tag, _ in Page(made.html).tags]
    assert tags == [tag for tag, _ in Page(plain.html).tags]

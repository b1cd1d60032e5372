"""Every sentence is said in every language, and catalogues hold nothing else."""

import re
from datetime import UTC, datetime

import pytest

from guestlist import languages
from guestlist.cli.mail import LanguageName
from tests.languages import messages

TRANSLATED = [name for name in languages.NAMES if name != languages.SOURCE]
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%%|%")
EVENING = int(datetime(2027, 1, 15, 20, 5, tzinfo=UTC).timestamp()) * 1_000_000


def said() -> set[str | tuple[str, ...]]:
    return {message for _, _, message in messages.sentences()}


def placeholders(sentence: str) -> list[str]:
    return sorted(found.group() for found in PLACEHOLDER.finditer(sentence))


def test_sentences_are_found_where_they_are_said() -> None:
    assert "Choose a new password" in said()


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_catalogue_has_a_translation_of_each_sentence_and_nothing_else(name: str) -> None:
    kept = {message.id: message for message in messages.catalogue(name) if message.id}
    known = {tuple(key) if isinstance(key, list) else key for key in kept}
    assert known == said(), "run: make messages"
    assert [key for key, message in kept.items() if message.fuzzy] == []
    assert messages.catalogue(name).obsolete == {}
    missing = [key for key, message in kept.items() if not all(_forms(message.string))]
    assert missing == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_translations_have_the_placeholders_of_their_sentence(name: str) -> None:
    for message in messages.catalogue(name):
        if not message.id or not message.string:
            continue
        wanted = placeholders(_forms(message.id)[-1])
        for form in _forms(message.string):
            assert placeholders(form) == wanted, message.id


def _forms(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value or ""] if value is None or isinstance(value, str) else list(value)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("FR-ca , de;q=0.9", "fr"),
        ("nl, fr;q=0.3, de;q=0.7", "de"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=2, fr;q=x, *", "en"),
        ("*, de;q=0.5", "en"),
        ("nl", "en"),
        ("de;q=nan", "en"),
        (",;=,;q=," * 10_000, "en"),
    ],
)
def test_the_best_language_is_the_one_a_browser_likes_most_of_ours(header: str, name: str) -> None:
    assert languages.best(header) == name


def test_where_a_browser_likes_none_of_ours_the_deployments_is_taken() -> None:
    assert languages.best("nl", otherwise="fr") == "fr"
    assert languages.best("de", otherwise="fr") == "de"


def test_an_instant_is_said_in_each_language() -> None:
    assert [languages.of(name).moment(EVENING) for name in languages.NAMES] == [
        "January 15, 2027, 20:05 UTC",
        "15. Januar 2027, 20:05 UTC",
        "15 janvier 2027, 20:05 UTC",
    ]
    assert languages.of("de").date(EVENING) == "15. Januar 2027"


@pytest.mark.parametrize("name", [None, "nl", "../de"])
def test_a_language_there_is_not_is_english(name: str | None) -> None:
    assert languages.of(name).name == "en"
    assert languages.of(name).say("When: %(at)s", at="now") == "When: now"


def test_the_setting_offers_the_languages_there_are() -> None:
    assert [language.value for language in LanguageName] == list(languages.NAMES)

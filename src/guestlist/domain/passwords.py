"""What a password must be (NIST SP 800-63B-4, section 3.1.1): long and not guessed first."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from guestlist.domain.refusals import Fault, Rule, ShortPassword

FIELD = "password"
# Code points after NFC. The standard asks for 15 where nothing else is asked for, 8 beside a
# second factor, and that 64 be allowed.
MIN_ALONE = 15
MIN_WITH_FACTOR = 8
MAX = 128
# What is longer is no password at all: putting it in order could take minutes.
MAX_READ = 1_024

_THIS_PROGRAM = "guestlist"
_LEAST_WORD = 3
_LEAST_REST = 8
_SHORT_UNIT = 4
_SHORT_AFFIX = 4
_FEW_CHARACTERS = 2
_RUNS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_ENDLESS = tuple((run * (MAX // len(run) + 2))[::step] for run in _RUNS for step in (1, -1))
_AFFIXES = re.compile(r"([\W\d_]*)(.*?)([\W\d_]*)", re.DOTALL)
_CHUNKS = re.compile(r"\d+|\D+")
_PLAIN = str.maketrans("@4310$57!", "aaeiossti")


def normal(password: str) -> str:
    """The one spelling of what was typed: keyboards compose accents differently."""
    return unicodedata.normalize("NFC", password)


def faults(
    password: str,
    *,
    email: str,
    name: str = "",
    last_name: str = "",
    account: str = "",
    has_second_factor: bool,
    is_common: Callable[[str], bool],
) -> list[Fault]:
    """What a new password fails; `is_common` is asked about case-folded text (source: decided)."""
    if len(password) > MAX_READ or len(normal(password)) > MAX:
        return [Fault(FIELD, Rule.PASSWORD_LONG, MAX)]
    found = []
    least = MIN_WITH_FACTOR if has_second_factor else MIN_ALONE
    if len(normal(password)) < least:
        found.append(Fault(FIELD, Rule.PASSWORD_SHORT, least))
    if _is_guessed(normal(password).casefold(), is_common):
        found.append(Fault(FIELD, Rule.PASSWORD_COMMON))
    elif _is_like(password, _words(email, name, last_name, account), is_common):
        found.append(Fault(FIELD, Rule.PASSWORD_LIKE_EMAIL))
    return found


def check_alone(password: str) -> None:
    """That it may stay where no second factor is beside it any more. Raises ShortPassword."""
    if len(normal(password[:MAX_READ])) < MIN_ALONE:
        raise ShortPassword


def _is_guessed(folded: str, is_common: Callable[[str], bool]) -> bool:
    """Common, repeated, a sequence, or one of these with an ornament before or behind."""
    whole = re.sub(r"\s", "", folded)
    if not whole or _is_weak(whole, is_common):
        return True
    match = _AFFIXES.fullmatch(whole)
    before, inner, behind = match.groups() if match else ("", whole, "")
    return bool(inner) and _is_ornament(before + behind) and _is_weak(inner, is_common)


def _is_weak(text: str, is_common: Callable[[str], bool]) -> bool:
    unit = _unit(text)
    repeats = len(unit) < len(text)
    if _is_run(text) or is_common(text) or is_common(text.translate(_PLAIN)):
        return True
    return repeats and (len(unit) <= _SHORT_UNIT or _is_run(unit) or _is_guessed(unit, is_common))


def _unit(text: str) -> str:
    """The shortest beginning that, repeated, gives the text; itself where it does not repeat."""
    for size in range(1, len(text) // 2 + 1):
        if (text[:size] * (len(text) // size + 1)).startswith(text):
            return text[:size]
    return text


def _is_run(text: str) -> bool:
    return any(text in run for run in _ENDLESS)


def _is_ornament(affix: str) -> bool:
    """Whether each run of digits or signs is one that anybody might put there."""
    return all(
        len(chunk) <= _SHORT_AFFIX or len(set(chunk)) <= _FEW_CHARACTERS or _is_run(chunk)
        for chunk in _CHUNKS.findall(affix)
    )


def _is_like(password: str, words: Iterable[str], is_common: Callable[[str], bool]) -> bool:
    """Whether these words are in it, and what they leave is little or guessed itself."""
    whole = _squeezed(password)
    known = sorted((re.escape(word) for word in words), key=len, reverse=True)
    rest = re.sub("|".join(known), "", whole)
    is_short = len(rest) < _LEAST_REST and 2 * len(rest) < len(whole)
    return rest != whole and (is_short or _is_guessed(rest, is_common))


def _words(email: str, *names: str) -> set[str]:
    """The address, its parts and the names, without signs; the shortest say nothing."""
    local, _, domain = email.rpartition("@")
    wholes = [email, local, local + domain, domain, "".join(names[:2]), *names, _THIS_PROGRAM]
    parts = [part for whole in wholes for part in re.split(r"[\W_]+", whole)]
    squeezed = {_squeezed(word) for word in (*wholes, *parts)}
    return {word for word in squeezed if len(word) >= _LEAST_WORD}


def _squeezed(text: str) -> str:
    """Letters and digits alone, without accents and case."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalnum())

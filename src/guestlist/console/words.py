"""How the console says refusals: one table, its sentences in the catalogues."""

from collections.abc import Sequence

from guestlist.domain.refusals import Fault, Rule
from guestlist.languages import Language


def _(message: str) -> str:
    """Marks a sentence for the catalogues."""
    return message


FAULTS = {
    Rule.REQUIRED: _("Please fill this in."),
    Rule.STRING: _("This holds a character that cannot be used."),
    Rule.EMAIL: _("This is not an e-mail address."),
    Rule.MAX_CHARACTERS: _("Use at most %(limit)s characters."),
    Rule.TAKEN: _("This address is in use already."),
    Rule.PASSWORD_SHORT: _(
        "Use at least %(limit)s characters. Several words are easy to remember."
    ),
    Rule.PASSWORD_LONG: _("Use at most %(limit)s characters."),
    Rule.PASSWORD_COMMON: _("This password is one of those that are guessed first. Use another."),
    Rule.PASSWORD_SAME: _("This is the password you have now. Use another."),
    Rule.PASSWORD_LIKE_EMAIL: _("This is too much like your e-mail address or name. Use another."),
    Rule.MAX_ITEMS: _("There may be %(limit)s at most."),
    Rule.PICTURE: _("This is no picture that can be read. Use PNG, JPEG, WebP or GIF."),
    Rule.PICTURE_BYTES: _("This picture has too many bytes. Use a smaller one."),
    Rule.PICTURE_PIXELS: _("This picture has too many pixels. Use a smaller one."),
}
OTHERWISE = _("This cannot be used.")


def faults(found: Sequence[Fault], language: Language) -> dict[str, str]:
    """The first sentence about each field."""
    told: dict[str, str] = {}
    for fault in found:
        message = FAULTS.get(fault.rule, OTHERWISE)
        told.setdefault(fault.field, language.say(message, limit=fault.limit))
    return told

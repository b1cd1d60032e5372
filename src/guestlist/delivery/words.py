"""What each kind of letter says. Sentences are English here and translated by their catalogue."""

from collections.abc import Callable
from dataclasses import dataclass

from guestlist.domain.letters import Factor, Kind, Letter
from guestlist.languages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Plain sentences, each a paragraph of its own. A letter with a button brings a link."""

    subject: str
    title: str | None = None
    """Above the letter, where that is not its subject."""
    before: tuple[str, ...]
    button: str | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """A letter's facts, those that are missing included."""

    letter: Letter

    def text(self, name: str) -> str:
        return str(self.letter.facts.get(name) or "")

    def instant(self, name: str) -> int:
        found = self.letter.facts.get(name)
        return found if isinstance(found, int) else self.letter.at


def words(letter: Letter, language: Language) -> Words:
    return _TELLERS[letter.kind](language, _Told(letter))


def _invitation(language: Language, told: _Told) -> Words:
    account, inviter = told.text("account"), told.text("inviter")
    say = language.say
    if inviter:
        subject = say("%(inviter)s invites you to %(account)s", inviter=inviter, account=account)
    else:
        subject = say("You are invited to %(account)s", account=account)
    return Words(
        subject=subject,
        title=say("You are invited to %(account)s", account=account),
        before=(_offered(language, told),),
        button=say("See the invitation"),
        after=(_lasts(language, told), _only_you(language)),
    )


def _reminder(language: Language, told: _Told) -> Words:
    account = told.text("account")
    say = language.say
    return Words(
        subject=say("Your invitation to %(account)s ends soon", account=account),
        before=(
            _offered(language, told),
            say("You have not answered yet. If you do not want to join, you can decline."),
        ),
        button=say("See the invitation"),
        after=(_lasts(language, told), _only_you(language)),
    )


def _offered(language: Language, told: _Told) -> str:
    account, role, inviter = told.text("account"), told.text("role"), told.text("inviter")
    if inviter:
        return language.say(
            "%(inviter)s invites you to join %(account)s as %(role)s.",
            inviter=inviter,
            account=account,
            role=role,
        )
    return language.say(
        "You are invited to join %(account)s as %(role)s.", account=account, role=role
    )


def _lasts(language: Language, told: _Told) -> str:
    until = language.moment(told.instant("expires_at"))
    return language.say("The link works until %(until)s.", until=until)


def _only_you(language: Language) -> str:
    return language.say(
        "It is meant only for you: please do not forward this letter. If you did not expect it,"
        " you need not do anything."
    )


def _asked(language: Language, told: _Told) -> Words:
    account, email = told.text("account"), told.text("email")
    say = language.say
    return Words(
        subject=say("%(email)s asks for a new invitation", email=email),
        before=(
            say(
                "Your invitation of %(email)s to join %(account)s as %(role)s has expired, and"
                " they ask for a new one.",
                email=email,
                account=account,
                role=told.text("role"),
            ),
            say(
                "If you still want them to join, resend the invitation in the list of invitations."
                " If not, you need not do anything."
            ),
        ),
    )


def _reset(language: Language, told: _Told) -> Words:
    say = language.say
    return Words(
        subject=say("Choose a new password"),
        before=(
            _hello(language, told),
            say("Somebody, most likely you, asked to choose a new password for your sign-in."),
        ),
        button=say("Choose a password"),
        after=(
            _lasts(language, told),
            say("If it was not you, you need not do anything: your password stays as it is."),
        ),
    )


def _sign_in_new(language: Language, told: _Told) -> Words:
    say = language.say
    return Words(
        subject=say("New sign-in"),
        before=(
            _hello(language, told),
            say("Somebody signed in as you, from a browser we have not seen before."),
            _when(language, told),
            say("Browser: %(agent)s", agent=told.text("agent") or "?"),
            say("Network: %(network)s", network=told.text("network") or "?"),
        ),
        after=(_not_you(language),),
    )


def _factor_changed(language: Language, told: _Told) -> Words:
    say = language.say
    return Words(
        subject=say("Your second factor was changed"),
        before=(
            _hello(language, told),
            _factor(language, told.text("what")),
            _when(language, told),
        ),
        after=(_not_you(language),),
    )


def _factor(language: Language, what: str) -> str:
    say = language.say
    told = {
        Factor.AUTHENTICATOR_ADDED: say("An authenticator app was set up for your sign-in."),
        Factor.AUTHENTICATOR_REMOVED: say("The authenticator app of your sign-in was removed."),
        Factor.CODES_MADE: say("New recovery codes were made; the old ones no longer work."),
        Factor.CODE_USED: say("One of your recovery codes was used to sign in."),
        Factor.PASSKEY_ADDED: say("A passkey was added to your sign-in."),
        Factor.PASSKEY_REMOVED: say("A passkey of your sign-in was removed."),
        Factor.RESET: say("All second factors of your sign-in were removed."),
    }
    found = {str(factor): sentence for factor, sentence in told.items()}
    return found.get(what) or say("The second factor of your sign-in was changed.")


def _password_changed(language: Language, told: _Told) -> Words:
    say = language.say
    return Words(
        subject=say("Your password was changed"),
        before=(
            _hello(language, told),
            say("The password of your sign-in was changed."),
            _when(language, told),
        ),
        after=(_not_you(language),),
    )


def _role_changed(language: Language, told: _Told) -> Words:
    account = told.text("account")
    say = language.say
    before, role = told.text("before"), told.text("role")
    if before and before != role:
        changed = say(
            "Your role in %(account)s was %(before)s and is now %(role)s.",
            account=account,
            before=before,
            role=role,
        )
    else:
        changed = say("What you may do in %(account)s was changed.", account=account)
    return Words(
        subject=say("Your role in %(account)s was changed", account=account),
        before=(_hello(language, told), changed),
        after=(say("If this surprises you, ask an Admin of the account."),),
    )


def _removed(language: Language, told: _Told) -> Words:
    account = told.text("account")
    say = language.say
    return Words(
        subject=say("You are no longer a user of %(account)s", account=account),
        before=(
            _hello(language, told),
            say("You are no longer a user of %(account)s.", account=account),
        ),
        after=(say("If this surprises you, ask an Admin of the account."),),
    )


def _email_old(language: Language, told: _Told) -> Words:
    email = told.text("new_email")
    say = language.say
    return Words(
        subject=say("Confirm that your address changes"),
        before=(
            _hello(language, told),
            say("The address of your sign-in is to become %(email)s.", email=email),
            say("It changes when it is confirmed here and at the new address."),
        ),
        button=say("Confirm the change"),
        after=(_lasts(language, told), _not_you(language)),
    )


def _email_new(language: Language, told: _Told) -> Words:
    email = told.text("new_email")
    say = language.say
    return Words(
        subject=say("Confirm your new address"),
        before=(
            _hello(language, told),
            say("%(email)s is to become the address of your sign-in.", email=email),
            say("It changes when it is confirmed here and at the address used so far."),
        ),
        button=say("Confirm the address"),
        after=(
            _lasts(language, told),
            say("If you did not ask for this, you need not do anything."),
        ),
    )


def _email_changed(language: Language, told: _Told) -> Words:
    email = told.text("new_email")
    say = language.say
    return Words(
        subject=say("Your address was changed"),
        before=(
            _hello(language, told),
            say("The address of your sign-in is now %(email)s.", email=email),
            _when(language, told),
        ),
        after=(_not_you(language),),
    )


def _hello(language: Language, told: _Told) -> str:
    name = told.text("name")
    return language.say("Hello %(name)s,", name=name) if name else language.say("Hello,")


def _when(language: Language, told: _Told) -> str:
    return language.say("When: %(at)s", at=language.moment(told.instant("at")))


def _not_you(language: Language) -> str:
    return language.say(
        "If it was not you, choose a new password at once and end all sessions on the page of your"
        " account."
    )


_TELLERS: dict[Kind, Callable[[Language, _Told], Words]] = {
    Kind.INVITATION: _invitation,
    Kind.REMINDER: _reminder,
    Kind.ASKED: _asked,
    Kind.RESET: _reset,
    Kind.SIGN_IN_NEW: _sign_in_new,
    Kind.FACTOR_CHANGED: _factor_changed,
    Kind.PASSWORD_CHANGED: _password_changed,
    Kind.ROLE_CHANGED: _role_changed,
    Kind.REMOVED: _removed,
    Kind.EMAIL_OLD: _email_old,
    Kind.EMAIL_NEW: _email_new,
    Kind.EMAIL_CHANGED: _email_changed,
}

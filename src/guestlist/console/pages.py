"""Every page there is. A guard has no default: who may see a page stands beside its address."""

from guestlist.console import (
    account,
    factors,
    joining,
    leaving,
    passkeys,
    pictures,
    sessions,
    signing,
)
from guestlist.console.asks import Guard, Page

PAGES = (
    Page(path="/", guard=Guard.FREE, show=account.home),
    Page(path="/assets/{name}", guard=Guard.ANYBODY, show=pictures.asset, is_plain=True),
    Page(path="/avatars/{id}", guard=Guard.ANYBODY, show=pictures.avatar, is_plain=True),
    Page(
        path="/invitations",
        guard=Guard.ANYBODY,
        show=joining.show_invitation,
    ),
    Page(path="/invitations/accept", guard=Guard.ANYBODY, post=joining.accept),
    Page(path="/invitations/decline", guard=Guard.ANYBODY, post=joining.decline),
    Page(path="/invitations/again", guard=Guard.ANYBODY, post=joining.ask_again),
    Page(path="/invitations/{secret}", guard=Guard.ANYBODY, show=joining.follow),
    Page(path="/links", guard=Guard.ANYBODY, show=signing.show_link, post=signing.use_link),
    Page(path="/links/{secret}", guard=Guard.ANYBODY, show=signing.follow_link),
    Page(path="/sign-in", guard=Guard.ANYBODY, show=signing.show_sign_in, post=signing.sign_in),
    Page(path="/sign-in/passkey", guard=Guard.ANYBODY, post=signing.by_passkey),
    Page(path="/sign-in/passkey/options", guard=Guard.ANYBODY, post=signing.passkey_options),
    Page(path="/sign-in/code", guard=Guard.HALF, show=signing.show_code, post=signing.enter_code),
    Page(path="/sign-in/code/passkey", guard=Guard.HALF, post=signing.second_by_passkey),
    Page(
        path="/sign-in/code/passkey/options",
        guard=Guard.HALF,
        post=signing.second_passkey_options,
    ),
    Page(path="/sign-out", guard=Guard.ANYBODY, post=signing.sign_out),
    Page(
        path="/forgotten", guard=Guard.ANYBODY, show=signing.show_forgotten, post=signing.forgotten
    ),
    Page(path="/accounts", guard=Guard.FREE, show=account.accounts, post=account.choose),
    Page(path="/account", guard=Guard.FREE, show=account.overview, post=account.rename),
    Page(path="/account/avatar", guard=Guard.FREE, post=account.set_avatar, upload=True),
    Page(path="/account/avatar/remove", guard=Guard.FREE, post=account.remove_avatar),
    Page(
        path="/account/password",
        guard=Guard.WHOLE,
        show=account.show_password,
        post=account.change_password,
    ),
    Page(path="/account/email", guard=Guard.FREE, show=account.show_email, post=account.ask_email),
    Page(path="/account/factor", guard=Guard.ENROLLING, show=factors.overview),
    Page(path="/account/factor/start", guard=Guard.ENROLLING, post=factors.start),
    Page(
        path="/account/factor/setup",
        guard=Guard.ENROLLING,
        show=factors.show_setup,
        post=factors.finish,
    ),
    Page(
        path="/account/factor/off",
        guard=Guard.ENROLLING,
        show=factors.show_off,
        post=factors.turn_off,
    ),
    Page(
        path="/account/factor/codes",
        guard=Guard.ENROLLING,
        show=factors.show_codes,
        post=factors.new_codes,
    ),
    Page(
        path="/account/passkeys",
        guard=Guard.ENROLLING,
        show=passkeys.overview,
        post=passkeys.add,
    ),
    Page(path="/account/passkeys/options", guard=Guard.ENROLLING, post=passkeys.options),
    Page(
        path="/account/passkeys/{key}/remove",
        guard=Guard.ENROLLING,
        show=passkeys.show_remove,
        post=passkeys.remove,
    ),
    Page(path="/account/sessions", guard=Guard.WHOLE, show=sessions.overview),
    Page(path="/account/sessions/end", guard=Guard.WHOLE, post=sessions.end_others),
    Page(path="/account/sessions/{key}/end", guard=Guard.WHOLE, post=sessions.end),
    Page(path="/account/leave", guard=Guard.WHOLE, show=leaving.confirm, post=leaving.leave),
)

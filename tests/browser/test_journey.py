"""A stranger reads a letter, follows its link, chooses a password and signs in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from mailersend import MailerSendClient, UsersBuilder  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from guestlist.actions.runtime import Runtime
from tests.browser.conftest import Look
from tests.mailbox import Mailbox
from tests.servers import LiveServer
from tests.visitors import PASSWORD
from tests.wire.accounts import Account, make_account

EVE = "eve@x.test"


def invite(server: LiveServer, account: Account, email: str) -> None:
    """With the official client."""
    client = MailerSendClient(api_key=account.token, base_url=f"{server.base_url}/v1/")
    builder = UsersBuilder().email(email).designer_role()
    assert client.users.invite_user(builder.build_user_invite()).success


def users(server: LiveServer, account: Account) -> dict[str, Any]:
    client = MailerSendClient(api_key=account.token, base_url=f"{server.base_url}/v1/")
    found = client.users.list_users(UsersBuilder().build_users_list()).data["data"]
    return {user["email"]: user for user in found}


def invites(server: LiveServer, account: Account) -> list[Any]:
    client = MailerSendClient(api_key=account.token, base_url=f"{server.base_url}/v1/")
    return list(client.users.list_invites(UsersBuilder().build_invites_list()).data["data"])


def press(page: Page, action: str) -> None:
    """The button of the form that posts there."""
    page.locator(f"form[action='{action}'] button[type=submit]").first.click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    press(page, "/sign-in")


def set_up_totp(page: Page, look: Look) -> pyotp.TOTP:
    """With an authenticator that reads the key below the picture."""
    page.goto("/account/factor")
    look(page, "factor")
    page.fill("[name=current]", PASSWORD)
    press(page, "/account/factor/start")
    look(page, "factor-setup")
    totp = pyotp.TOTP(page.locator("code.seed").inner_text().replace(" ", ""))
    page.fill("[name=code]", totp.now())
    press(page, "/account/factor/setup")
    expect(page.locator("textarea.codes")).to_be_visible()
    look(page, "recovery-codes")
    return totp


def test_a_stranger_becomes_a_user_and_signs_in_with_two_factors(
    server: LiveServer, mailbox: Mailbox, live: Runtime, page: Page, look: Look
) -> None:
    account = make_account(live)
    invite(server, account, EVE)
    page.goto(mailbox.link(EVE, "/invitations/"))
    expect(page).to_have_url(f"{server.public_url}/invitations")
    look(page, "invitation-new")
    page.fill("[name=name]", "Eve")
    page.fill("[name=password]", "password")
    press(page, "/invitations/accept")
    expect(page.locator("#password-error")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Eve")
    look(page, "invitation-refused")
    page.fill("[name=password]", PASSWORD)
    press(page, "/invitations/accept")
    expect(page).to_have_url(f"{server.public_url}/invitations")
    look(page, "joined")

    totp = set_up_totp(page, look)
    page.goto("/account")
    look(page, "account")
    press(page, "/sign-out")
    look(page, "sign-in")
    sign_in(page, EVE, "not the right one at all")
    look(page, "sign-in-refused")
    sign_in(page, EVE)
    look(page, "code")
    # The one of now was used when it was set up.
    page.fill("[name=code]", totp.at(datetime.now(tz=UTC) + timedelta(seconds=30)))
    press(page, "/sign-in/code")
    expect(page).to_have_url(f"{server.public_url}/account")

    found = users(server, account)
    assert found[EVE]["2fa"] is True
    assert found[EVE]["role"] == "Designer"
    assert EVE not in {invite["email"] for invite in invites(server, account)}

    # A second account, and the same person.
    other = make_account(live)
    invite(server, other, EVE)
    page.goto(mailbox.link(EVE, "/invitations/", 2))
    look(page, "invitation-join")
    press(page, "/invitations/accept")
    assert users(server, other)[EVE]["2fa"] is True
    page.goto("/accounts")
    look(page, "accounts")
    for name in ("sessions", "email", "password", "passkeys"):
        page.goto(f"/account/{name}")
        look(page, f"account-{name}")
    page.goto("/account")
    page.locator("a[href^='/account/leave']").first.click()
    look(page, "account-leave")

"""What needs a browser's own script: passkeys, and a row that goes without loading the page."""

import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from guestlist.actions.passwords import Passwords
from guestlist.actions.runtime import Runtime
from guestlist.store import people
from tests.browser.conftest import Look
from tests.browser.test_journey import press, sign_in
from tests.servers import LiveServer
from tests.visitors import PASSWORD


@pytest.fixture
def email(live: Runtime) -> str:
    """Of a person who has a password."""
    made = f"{secrets.token_hex(4)}@acme.test"
    now = live.now(0)
    with live.database.change() as transaction:
        key = people.add(transaction, email=made, email_key=made, name="Ana", last_name="", now=now)
        hashed = Passwords().hashed(PASSWORD)
        people.change(transaction, key, password=hashed, password_changed_at=now, proven_at=now)
    return made


def test_a_passkey_is_made_and_signs_in(
    server: LiveServer, page: Page, look: Look, email: str
) -> None:
    sign_in(page, email)
    page.wait_for_url("**/account")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    phone = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": phone})

    page.goto("/account/passkeys")
    page.fill("[name=name]", "Phone")
    page.fill("[name=current]", "not mine at all")
    press(page, "/account/passkeys")
    alarm = page.locator("[data-passkey-error]")
    expect(alarm).to_contain_text("This is not your password.")
    look(page, "passkeys-refused")
    page.fill("[name=current]", PASSWORD)
    press(page, "/account/passkeys")
    expect(page.locator("textarea.codes")).to_be_visible()
    page.goto("/account/passkeys")
    expect(page.locator(".rows")).to_contain_text("Phone")
    look(page, "passkeys")
    page.fill("[name=current]", PASSWORD)
    press(page, "/account/passkeys")
    expect(alarm).to_contain_text("This device holds a passkey of yours already.")

    press(page, "/sign-out")
    page.wait_for_url("**/sign-in")
    press(page, "/sign-in/passkey")
    expect(page).to_have_url(f"{server.public_url}/account")
    press(page, "/sign-out")
    page.wait_for_url("**/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    press(page, "/sign-in")
    look(page, "code-passkey")
    press(page, "/sign-in/code/passkey")
    expect(page).to_have_url(f"{server.public_url}/account")

    for name in ("factor", "factor/codes"):
        page.goto(f"/account/{name}")
        look(page, f"account-{name.replace('/', '-')}")
    page.goto("/account/passkeys")
    page.locator("a[href$='/remove']").click()
    look(page, "passkey-remove")


def test_a_session_is_ended_where_it_stands(
    server: LiveServer, browser: Browser, page: Page, look: Look, email: str
) -> None:
    sign_in(page, email)
    page.wait_for_url("**/account")
    with browser.new_context(base_url=server.public_url, locale="en-GB") as elsewhere:
        other = elsewhere.new_page()
        sign_in(other, email)
        page.goto("/account/sessions")
        rows = page.locator(".rows > li")
        expect(rows).to_have_count(2)
        look(page, "sessions-two")
        rows.nth(1).locator("button").click()
        expect(rows).to_have_count(1)
        expect(page.locator("#told")).to_have_text("It is ended.")
        expect(page).to_have_url(f"{server.public_url}/account/sessions")
        other.goto("/account")
        expect(other).to_have_url(f"{server.public_url}/sign-in")
        look(page, "sessions-ended")

        # Whoever was signed out meanwhile is led to the sign-in, and what was refused is told.
        sign_in(other, email)
        page.goto("/account/sessions")
        other.goto("/account/sessions")
        page.evaluate("document.querySelectorAll('[name=form]').forEach(e => { e.value = 'no' })")
        rows.nth(1).locator("button").click()
        expect(page.locator("#main")).to_contain_text("The form was not accepted")
        press(other, "/account/sessions/end")
        other.wait_for_url("**/account/sessions?ended")
        page.goto("/account/sessions")
        expect(page).to_have_url(f"{server.public_url}/sign-in")

"""The pages that the other stories do not pass: each has its pictures too."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from guestlist.actions import people
from guestlist.actions.runtime import Runtime
from tests.browser.conftest import Look
from tests.browser.test_journey import invite, press, sign_in
from tests.mailbox import Mailbox
from tests.servers import LiveServer
from tests.visitors import PASSWORD
from tests.wire.accounts import Account, make_account

MAX, NEW, NIA = "max@x.test", "max@y.test", "nia@x.test"


@pytest.fixture
def account(live: Runtime) -> Account:
    return make_account(live)


def told(server: LiveServer, account: Account, method: str, path: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {account.token}"}
    return httpx.request(method, f"{server.base_url}{path}", headers=headers, trust_env=False)


def wire_id(server: LiveServer, account: Account, email: str) -> str:
    found = told(server, account, "GET", "/v1/invites?limit=100").json()["data"]
    return next(str(one["id"]) for one in found if one["email"] == email)


def test_links_to_an_address_and_to_whoever_is_there_already(
    server: LiveServer, mailbox: Mailbox, account: Account, live: Runtime, page: Page, look: Look
) -> None:
    ana = people.find(live, "ana@acme.test").key
    secret = people.sign_in_link(live, ana, request="test").rpartition("/")[2]
    page.goto(f"/links/{secret}")
    look(page, "link-sign-in")
    press(page, "/links")
    expect(page).to_have_url("/account")
    invite(server, account, MAX)
    link = mailbox.link(MAX, "/invitations/")
    page.goto(link)
    look(page, "invitation-switch")
    page.locator("main form[action='/sign-out'] button").click()
    page.fill("[name=name]", "Max")
    page.fill("[name=password]", PASSWORD)
    press(page, "/invitations/accept")
    page.goto("/account/email")
    page.fill("[name=email]", NEW)
    page.fill("[name=current]", PASSWORD)
    press(page, "/account/email")
    page.goto(mailbox.link(MAX, "/links/"))
    look(page, "link-email")
    press(page, "/links")
    look(page, "email-confirmed-once")
    page.goto(mailbox.link(NEW, "/links/"))
    press(page, "/links")
    look(page, "email-confirmed")
    press(page, "/sign-out")
    page.goto(link)
    look(page, "accepted")
    page.goto("/forgotten")
    page.fill("[name=email]", NEW)
    press(page, "/forgotten")
    look(page, "forgotten-sent")
    page.goto(mailbox.link(NEW, "/links/", 2))
    page.fill("[name=password]", "quite another passphrase")
    press(page, "/links")
    look(page, "reset-done")
    other = make_account(live)
    invite(server, other, NEW)
    page.goto(mailbox.link(NEW, "/invitations/"))
    look(page, "invitation-sign-in")
    page.locator("a.button").click()
    sign_in(page, NEW, "quite another passphrase")


def test_what_was_copied_imported_and_cancelled(
    server: LiveServer, mailbox: Mailbox, account: Account, page: Page, look: Look
) -> None:
    invite(server, account, NIA)
    own = f"/guestlist/v1/invites/{wire_id(server, account, NIA)}"
    copied = told(server, account, "POST", f"{own}/link").json()["data"]["link"]
    told(server, account, "DELETE", f"/v1/invites/{wire_id(server, account, NIA)}")
    page.goto(copied)
    look(page, "cancelled")
    invite(server, account, "bob@y.test")
    page.goto("/account/nowhere-at-all")
    page.goto(mailbox.link("bob@y.test", "/invitations/"))
    page.locator("details.apart summary").click()
    look(page, "invitation-decline")

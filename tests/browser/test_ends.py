"""Links that open nothing (any more), and letters about a sign-in: every page says what to do."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from guestlist.actions.runtime import Runtime
from guestlist.store.statements import Statement
from tests.browser.conftest import Look
from tests.browser.test_journey import invite, invites, press
from tests.faults.crowd import ask
from tests.mailbox import Mailbox
from tests.servers import LiveServer
from tests.visitors import PASSWORD
from tests.wire.accounts import Account, make_account

_EXPIRE = Statement(text("UPDATE invitations SET expires_at = 1 WHERE email = :email"))


@pytest.fixture
def account(live: Runtime) -> Account:
    return make_account(live)


def test_opening_a_link_with_scripts_leaves_it_pending_and_declining_ends_it(
    server: LiveServer, mailbox: Mailbox, account: Account, page: Page, look: Look
) -> None:
    invite(server, account, "ida@x.test")
    page.goto(mailbox.link("ida@x.test", "/invitations/"))
    page.wait_for_load_state("networkidle")
    assert "ida@x.test" in {one["email"] for one in invites(server, account)}
    page.locator("details.apart summary").click()
    press(page, "/invitations/decline")
    look(page, "declined")
    assert "ida@x.test" not in {one["email"] for one in invites(server, account)}


def test_an_expired_link_asks_for_another(
    server: LiveServer, mailbox: Mailbox, account: Account, live: Runtime, page: Page, look: Look
) -> None:
    invite(server, account, "joe@x.test")
    link = mailbox.link("joe@x.test", "/invitations/")
    with live.database.change() as transaction:
        transaction.run(_EXPIRE, email="joe@x.test")
    page.goto(link)
    look(page, "expired")
    press(page, "/invitations/again")
    look(page, "asked")
    assert "joe@x.test" in mailbox.wait("ana@acme.test")


def test_a_wrong_link_says_what_to_do(page: Page, look: Look) -> None:
    page.goto("/invitations/nobody-made-this")
    expect(page.locator("h1")).to_be_visible()
    look(page, "wrong-link")
    page.goto("/account")
    expect(page).to_have_url("/sign-in")


def test_without_scripts_somebody_joins_forgets_and_signs_in_again(
    server: LiveServer, mailbox: Mailbox, account: Account, plain: Page, page: Page, look: Look
) -> None:
    """The other browser has scripts, which axe-core needs, and only looks on."""
    who = "kay+list@xn--bcher-kva.test"
    invited = {"email": "kay+list@bücher.test", "role": "Manager"}
    # What the official client holds for no address.
    assert ask(server.base_url, account.token, "POST", "/v1/users", invited).status == 200
    plain.goto(mailbox.link(who, "/invitations/"))
    plain.fill("[name=name]", "Kay")
    plain.fill("[name=password]", PASSWORD)
    press(plain, "/invitations/accept")
    press(plain, "/sign-out")
    page.goto("/forgotten")
    look(page, "forgotten")
    plain.goto("/forgotten")
    plain.fill("[name=email]", "KAY+list@bücher.test")
    press(plain, "/forgotten")
    page.goto(mailbox.link(who, "/links/"))
    look(page, "reset")
    plain.goto(mailbox.link(who, "/links/"))
    plain.fill("[name=password]", "another horse, another battery")
    press(plain, "/links")
    plain.goto("/sign-in")
    plain.fill("[name=email]", "kay+list@bücher.test")
    plain.fill("[name=password]", "another horse, another battery")
    press(plain, "/sign-in")
    expect(plain).to_have_url("/account")

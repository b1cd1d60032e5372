"""Mail scanners follow links before people do: whatever only looks changes nothing."""

import itertools

from tests.console.arrivals import ACCEPT, insist, mailed, reset_link, users
from tests.stand import Team
from tests.visitors import PASSWORD, Visitor

EVE = "eve@else.test"
AGENTS = (
    "Mozilla/5.0 (compatible; SafeLinks/1.0; Microsoft Outlook)",
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "Mimecast-URL-Protect/2.1",
    "GoogleImageProxy",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23",
    "curl/8.5.0",
    "",
)
METHODS = ("GET", "HEAD", "OPTIONS", "GET", "HEAD")
LOOKS = tuple(itertools.product(AGENTS, METHODS))


def test_fifty_looks_leave_an_invitation_pending_and_then_it_is_accepted(team: Team) -> None:
    link = mailed(team, EVE)
    with team.unchanged():
        for agent, method in LOOKS:
            scanner = Visitor(team.stand, agent=agent)
            answer = scanner.http.request(method, link, follow_redirects=True)
            assert answer.status_code == (204 if method == "OPTIONS" else 200)
            for page in ("/invitations/accept", "/invitations/decline", "/invitations/again"):
                looked = scanner.http.request(method, page)
                assert looked.status_code == (204 if method == "OPTIONS" else 405)
                assert looked.headers["allow"] == "OPTIONS, POST"
    assert len(LOOKS) == 50
    eve = Visitor(team.stand)
    eve.get(link)
    assert ACCEPT in eve.text
    eve.post("/invitations/accept", name="Eve", password=PASSWORD)
    assert EVE in users(team)


def test_fifty_looks_use_up_no_other_link(team: Team) -> None:
    link = reset_link(team.stand, "ana@acme.test")
    with team.unchanged():
        for agent, method in LOOKS:
            scanner = Visitor(team.stand, agent=agent)
            answer = scanner.http.request(method, link, follow_redirects=True)
            assert answer.is_success
    ana = Visitor(team.stand)
    ana.get(link)
    assert "changed" in ana.post("/links", password=PASSWORD).text
    ana.sign_in("ana@acme.test")
    assert ana.get("/account").url.path == "/account"


def test_a_post_without_the_pages_own_token_is_refused(team: Team) -> None:
    link = mailed(team, EVE)
    new = {"name": "Eve", "password": PASSWORD}
    eve, other = Visitor(team.stand), Visitor(team.stand)
    other.get(link)
    with team.unchanged():
        for path in ("/invitations/accept", "/invitations/decline", "/invitations/again"):
            assert eve.post(path, **new).status_code == 403  # no page seen, no cookie
            eve.get(link)
            for token in ("", "x", other.token, eve.token[:-1], f"{eve.token}x", "é" * 43):
                assert eve.post(path, form=token, **new).status_code == 403
                assert "not accepted" in eve.text
            with_query = f"{path}?form={eve.token}"
            assert eve.post(with_query, form="", **new).status_code == 403
            json = eve.http.post(path, json={"form": eve.token} | new)
            assert json.status_code == 415
            eve.http.cookies.clear()
    # A form is good for the link it was made for, not for one opened since.
    second = mailed(team, "fay@else.test")
    eve.get(link)
    token = eve.token
    eve.get(second)
    with team.unchanged():
        assert eve.post("/invitations/accept", form=token, **new).status_code == 403
    assert insist(eve, link).status_code == 200
    assert EVE in users(team)

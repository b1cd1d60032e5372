"""A life with everything that is secret in it, all that was answered being kept."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pyotp

from guestlist.actions import people
from tests.console.arrivals import copied, person
from tests.stand import Stand, Team
from tests.visitors import Visitor

EVE = "eve@else.test"
WORDS = ("eves very first passphrase", "eves second passphrase", "fays only passphrase ever")
WRONG = "a mistyped secret passphrase"


@dataclass(slots=True)
class Life:
    """`meant`: the pages that show a secret to whom it is for; cookies are theirs too."""

    stand: Stand
    secrets: set[str] = field(default_factory=set)
    meant: dict[str, set[str]] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)

    def visitor(self) -> Visitor:
        made = Visitor(self.stand)
        made.http.event_hooks = {"response": [self._keep]}
        return made

    def _keep(self, answer: Any) -> None:
        answer.read()
        headers = [f"{k}: {v}" for k, v in answer.headers.items() if k != "set-cookie"]
        for cookie in answer.headers.get_list("set-cookie"):
            self.secrets.add(cookie.partition("=")[2].partition(";")[0].strip(chr(34)))
        told = "\n".join((answer.reason_phrase, *headers, unescape(answer.text)))
        self.answers.append((answer.url.path, told))

    def letters(self) -> dict[str, str]:
        """Links, by the kind of the letter that brings them."""
        sent = {letter.kind.value: letter.link for letter in self.stand.letters() if letter.link}
        self.secrets |= {secret_of(link) for link in sent.values()}
        return sent

    def shown(self, visitor: Visitor, pattern: str) -> list[str]:
        """What a page shows once."""
        found = re.findall(pattern, visitor.text)
        assert found, pattern
        for secret in found:
            self.secrets.add(secret)
            self.meant.setdefault(secret, set()).add(visitor.page.url.path)
        return found

    def leaks(self) -> list[tuple[str, str]]:
        """Pages that told what was not theirs to tell."""
        return [
            (path, secret)
            for path, told in self.answers
            for secret in self.secrets
            if secret in told and path not in self.meant.get(secret, ())
        ]


def secret_of(link: str) -> str:
    return link.rpartition("/")[2]


def lived(team: Team) -> Life:
    """Somebody is invited, joins, secures and changes their sign-in, and forgets it."""
    life = Life(team.stand, {*WORDS, WRONG})
    team.invited(EVE)
    link = life.letters()["invitation"]
    life.secrets.add(secret_of(copied(team, EVE)))
    eve = life.visitor()
    eve.accept(link, password="too short", name="")
    eve.accept(link, password=WORDS[0])
    _second_factor(life, eve)
    _another_address(life, eve)
    life.visitor().sign_in(EVE, WRONG)
    _forgotten(life)
    operators = people.sign_in_link(team.stand.runtime, person(team.stand, EVE).key, request="x")
    life.secrets.add(secret_of(operators))
    by_link = life.visitor()
    by_link.get(operators)
    by_link.post("/links")
    team.invited("fay@else.test")
    fay = life.visitor()
    link = copied(team, "fay@else.test")
    life.secrets.add(secret_of(link))
    fay.accept(link, password=WORDS[2])
    life.visitor().get(f"{link}/x")
    life.letters()
    life.secrets.discard("")
    assert len(life.secrets) > 30
    return life


def _second_factor(life: Life, eve: Visitor) -> None:
    eve.get("/account/factor")
    eve.post("/account/factor/start", current=WRONG)
    eve.post("/account/factor/start", current=WORDS[0])
    [grouped] = life.shown(eve, r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b")
    seed = grouped.replace(" ", "")
    life.secrets.add(seed)
    totp = pyotp.TOTP(seed)
    eve.post("/account/factor/setup", code="12")
    eve.post("/account/factor/setup", code=totp.at(life.stand.clock.now // 1_000_000))
    codes = life.shown(eve, r"\b(?:[a-z2-7]{4}-){6}[a-z2-7]{4}\b")
    assert len(codes) == 10
    again = life.visitor()
    again.sign_in(EVE, WORDS[0])
    again.post("/sign-in/code", code=codes[1][:-2])
    again.post("/sign-in/code", code=codes[0])
    assert again.get("/account").url.path == "/account"


def _another_address(life: Life, eve: Visitor) -> None:
    eve.get("/account/email")
    eve.post("/account/email", email="evelyn@else.test", current=WORDS[0])
    links = life.letters()
    assert {"email_old", "email_new"} <= set(links)
    other = life.visitor()
    other.get(links["email_old"])
    other.post("/links")


def _forgotten(life: Life) -> None:
    visitor = life.visitor()
    visitor.get("/forgotten")
    visitor.post("/forgotten", email=EVE)
    visitor.get(life.letters()["reset"])
    visitor.post("/links", password="eve")
    visitor.post("/links", password=WORDS[1])
    visitor.sign_in(EVE, WORDS[1])

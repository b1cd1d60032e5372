"""What is done with API tokens; each rule foretells the outcome."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from guestlist.domain.invitations import DAY
from guestlist.domain.refusals import Invalid, NotFound, OutOfReach
from tests.model import power
from tests.model.facts import ALL_SCOPES, Refused, Token, Who, first
from tests.model.machine import BY, NUMBER, Machine

SCOPE = "tokens_full"
SCOPES = (
    ("users_full", "tokens_full"),
    ("users_full",),
    ("users_read",),
    ("tokens_full",),
    ("domains_full", "tokens_full"),
    tuple(sorted(ALL_SCOPES)),
    ("no_such_scope",),
)
KNOWN = ALL_SCOPES | {"users_read"}


class Keys(Machine):
    @rule(by=BY, owner=NUMBER, scopes=st.sampled_from(SCOPES), days=st.sampled_from([0, 2]))
    def mint(self, by: int, owner: int, scopes: tuple[str, ...], days: int) -> None:
        who = self.who(by, SCOPE)
        mine = self.facts.user_of(who)
        # Through a token or a session one makes one's own.
        for_other = who.token is None and who.session is None
        user = self.user(owner) if for_other else mine
        most = self.scopes(who)
        beyond = any(s not in KNOWN or not power.covers(most, s) for s in scopes)
        refused = first((beyond, Invalid)) or self.facts.refusal_to_own(who, user)
        ends = self.facts.now + days * DAY if days else None
        owner_id = user.id if user and for_other else None
        done, made = self.ask(
            who, SCOPE, refused, lambda c: self.doors.mint(c, scopes, owner_id, ends)
        )
        if done and made is not None and user is not None:
            token_id, text = made
            token = Token(token_id, text, user, frozenset(scopes), most, ends)
            self.facts.tokens.append(token)
            self.facts.tell("token.create", f"token:{token_id}")

    def scopes(self, who: Who) -> frozenset[str]:
        """What they can give: through a token its own, in a browser none."""
        if who.token is not None:
            return who.token.scopes
        return ALL_SCOPES if who.session is None else frozenset()

    @rule(by=BY, number=NUMBER, status=st.sampled_from(["pause", "unpause"]))
    def pause(self, by: int, number: int, status: str) -> None:
        who, token = self.who(by, SCOPE), self.token(number)
        refused = self.beyond(who, token)
        done, _ = self.ask(who, SCOPE, refused, lambda c: self.doors.pause(c, token.id, status))
        if done:
            token.paused = status == "pause"
            self.facts.tell("token.change", f"token:{token.id}")

    @rule(by=BY, number=NUMBER, to=NUMBER)
    def transfer(self, by: int, number: int, to: int) -> None:
        who, token, user = self.who(by, SCOPE), self.token(number), self.user(to)
        refused = self.beyond(who, token) or self.facts.refusal_to_own(who, user)
        done, _ = self.ask(who, SCOPE, refused, lambda c: self.doors.transfer(c, token.id, user.id))
        if done:
            token.owner = user
            self.facts.tell("token.transfer", f"token:{token.id}")

    @rule(by=BY, number=NUMBER)
    def revoke(self, by: int, number: int) -> None:
        who, token = self.who(by, SCOPE), self.token(number)
        refused = self.beyond(who, token)
        done, _ = self.ask(who, SCOPE, refused, lambda c: self.doors.revoke(c, token.id))
        if done:
            self.facts.end_token(token)

    def beyond(self, who: Who, token: Token) -> Refused:
        return first((token.ended, NotFound), (not self.facts.rules(who, token.owner), OutOfReach))

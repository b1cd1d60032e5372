"""Who could do something at a moment: what an account's audit adds up to, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guestlist.domain import access
from guestlist.domain.access import DOMAIN_PERMISSIONS, LISTED_TEMPLATE_PERMISSIONS, Grant
from guestlist.domain.audit import Entry, sides

_THINGS = {"domain": "domains", "template": "templates"}
_SCOPED = DOMAIN_PERMISSIONS | LISTED_TEMPLATE_PERMISSIONS


@dataclass(frozen=True, slots=True)
class Question:
    """Of a permission: on one domain or template, by its id, or on the whole account."""

    permission: str
    domain: str | None = None
    template: str | None = None

    @property
    def thing(self) -> tuple[str, str] | None:
        if self.domain is not None:
            return "domain", self.domain
        return None if self.template is None else ("template", self.template)


@dataclass(slots=True)
class Standing:
    """A user: `since` is from when on they could without a break, None while they cannot.

    Who granted it (`user:ID` or `operator`) made the change by which their grant came to hold it.
    `entries` are the sequences of the newest that tell of their grant, and of their suspension.
    """

    user_id: str
    grant: Grant
    email: str = ""
    suspended: bool = False
    since: int | None = None
    granted_at: int | None = None
    granted_by: str = ""
    entries: dict[str, int | None] = field(default_factory=dict)


@dataclass(slots=True)
class Standings:
    """Filled by `fold`, in the entries' order. Without a question it only knows what is kept."""

    question: Question | None = None
    users: dict[str, Standing] = field(default_factory=dict)
    # Domains and templates by kind and id: the sequence of the newest entry, and whether it lives.
    things: dict[tuple[str, str], tuple[int | None, bool]] = field(default_factory=dict)
    _keys: dict[tuple[str, str], int] = field(default_factory=dict)

    def fold(self, entry: Entry) -> None:
        kind, _, named = entry.subject.partition(":")
        if kind in _THINGS:
            self._fold_thing(entry, kind, named)
        elif entry.action == "invitation.accept":
            _, after = sides(entry)
            told = after or {}
            if "user" in told:
                self._fold_user(entry, told["user"], told, by=str(told.get("granted_by", "")))
        elif kind == "user" and entry.action.startswith("user."):
            self._fold_user(entry, named, sides(entry)[1], by=entry.actor)
        elif entry.action == "person.change_email" and named in self.users:
            self.users[named].email = (sides(entry)[1] or {}).get("email", "")

    def could(self) -> list[Standing]:
        """Those who can as of the last entry, in the order they came."""
        return [standing for standing in self.users.values() if standing.since is not None]

    def kept(self) -> set[int]:
        """The sequences of the entries that say what is so now."""
        found = {number for user in self.users.values() for number in user.entries.values()}
        listed = {
            (kind, key)
            for user in self.users.values()
            for kind, keys in (("domain", user.grant.domains), ("template", user.grant.templates))
            for key in keys
        }
        found |= {
            number
            for (kind, named), (number, lives) in self.things.items()
            if lives or (kind, self._keys.get((kind, named))) in listed
        }
        return {number for number in found if number is not None}

    def _fold_user(
        self, entry: Entry, user_id: str, after: Mapping[str, Any] | None, *, by: str
    ) -> None:
        if after is None:
            self.users.pop(user_id, None)
            return
        standing = self.users.get(user_id)
        if standing is None:
            if "role" not in after:
                return
            standing = self.users[user_id] = Standing(user_id, Grant(after["role"], ()))
        if "role" in after:
            standing.grant = self._grant(after)
            standing.entries["grant"] = entry.sequence
        if "suspended" in after:
            standing.suspended = bool(after["suspended"])
            standing.entries["suspended"] = entry.sequence
        standing.email = after.get("email", standing.email)
        self._judge(standing, at=entry.at, by=by)

    def _fold_thing(self, entry: Entry, kind: str, named: str) -> None:
        self.things[kind, named] = entry.sequence, entry.after is not None
        if self.question is None:
            return
        # What holds on the account holds on every domain, so one more or less may change it.
        if self.question.thing in {(kind, named), None}:
            for standing in self.users.values():
                self._judge(standing, at=entry.at, by=entry.actor)

    def _grant(self, told: Mapping[str, Any]) -> Grant:
        return Grant(
            role=told["role"],
            permissions=tuple(told.get("permissions", ())),
            domains=tuple(self._key("domain", named) for named in told.get("domains", ())),
            templates=tuple(self._key("template", named) for named in told.get("templates", ())),
        )

    def _key(self, kind: str, named: str) -> int:
        return self._keys.setdefault((kind, named), len(self._keys) + 1)

    def _judge(self, standing: Standing, *, at: int, by: str) -> None:
        question = self.question
        if question is None:
            return
        if not self._holds(standing.grant, question):
            standing.granted_at = standing.since = None
            return
        if standing.granted_at is None:
            standing.granted_at, standing.granted_by = at, by
        if standing.suspended or not self._is_there(question):
            standing.since = None
        elif standing.since is None:
            standing.since = at

    def _is_there(self, question: Question) -> bool:
        thing = question.thing
        return thing is None or self.things.get(thing, (None, False))[1]

    def _holds(self, grant: Grant, question: Question) -> bool:
        """The rules of power are asked here and nowhere else in this file."""
        wanted = question.permission
        if question.domain is not None:
            return wanted in access.on_domain(grant, self._key("domain", question.domain))
        if question.template is not None:
            return wanted in access.on_template(grant, self._key("template", question.template))
        if wanted not in grant.effective or access.everywhere(grant) or wanted not in _SCOPED:
            return wanted in grant.effective
        kind = "domain" if wanted in DOMAIN_PERMISSIONS else "template"
        on = access.on_domain if kind == "domain" else access.on_template
        lives = [name for (of, name), (_, lives) in self.things.items() if of == kind and lives]
        return all(wanted in on(grant, self._key(kind, name)) for name in lives)

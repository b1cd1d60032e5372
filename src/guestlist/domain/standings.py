"""Who could do something at a moment: what an account's audit adds up to, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guestlist.domain.access import DOMAIN, TEMPLATE, Catalog, Grant
from guestlist.domain.audit import Entry, sides

_THINGS = frozenset({DOMAIN, TEMPLATE})
# They tell the grant too, and give none.
_SUSPENSIONS = frozenset({"user.suspend", "user.reactivate"})


@dataclass(frozen=True, slots=True)
class Question:
    """Of a permission: on one domain or template, by its id, or on the whole account."""

    permission: str
    domain: str | None = None
    template: str | None = None

    @property
    def thing(self) -> tuple[str, str] | None:
        if self.domain is not None:
            return DOMAIN, self.domain
        return None if self.template is None else (TEMPLATE, self.template)


@dataclass(slots=True)
class Standing:
    """A user: `since` is from when on they could without a break, None while they cannot.

    Who granted it (`user:ID` or `operator`) made the change by which their grant came to hold it.
    `entries` are the sequences of the newest that tell of their grant, their suspension and their
    address.
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
    """Filled by `fold`, in the entries' order. Without a question it only knows what is kept.

    Between entries up to `pruned_through` others are missing.
    """

    catalog: Catalog
    question: Question | None = None
    pruned_through: int = 0
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
            self._fold_email(self.users[named], entry, sides(entry)[1] or {"email": ""})

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
            self._fold_grant(standing, entry, after)
        if "suspended" in after:
            standing.suspended = bool(after["suspended"])
            standing.entries["suspended"] = entry.sequence
            if self._is_kept(entry):
                standing.since = None
        self._fold_email(standing, entry, after)
        self._judge(standing, at=entry.at, by=by)

    def _fold_grant(self, standing: Standing, entry: Entry, after: Mapping[str, Any]) -> None:
        standing.grant = self._grant(after)
        if entry.action in _SUSPENSIONS and "grant" in standing.entries:
            return
        standing.entries["grant"] = entry.sequence
        if self._is_kept(entry):
            standing.granted_at = standing.since = None

    def _is_kept(self, entry: Entry) -> bool:
        """Whether they could without a break since the entry before is not known any more."""
        return (entry.sequence or 0) <= self.pruned_through

    def _fold_email(self, standing: Standing, entry: Entry, after: Mapping[str, Any]) -> None:
        if "email" in after:
            standing.email = after["email"] or ""
            standing.entries["email"] = entry.sequence

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
            return self._holds_on(grant, wanted, DOMAIN, question.domain)
        if question.template is not None:
            return self._holds_on(grant, wanted, TEMPLATE, question.template)
        permission = self.catalog.permission_by_name.get(wanted)
        if permission is None or self.catalog.holds_on_account(grant, wanted):
            return permission is not None
        kind = self.catalog.place_of(permission)
        lives = [name for (of, name), (_, lives) in self.things.items() if of == kind and lives]
        return bool(lives) and all(self._holds_on(grant, wanted, kind, name) for name in lives)

    def _holds_on(self, grant: Grant, permission: str, kind: str, named: str) -> bool:
        return permission in self.catalog.on(grant, kind, self._key(kind, named))

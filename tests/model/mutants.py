"""Mistakes that somebody could make in the source, one for each rule: the model must notice each.

`old` stands once in its file.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`rule` is what it breaks; `file` is in the package, `new` stands in place of `old`."""

    rule: str
    file: str
    old: str
    new: str

    def broken(self, source: str) -> str:
        """The file's text with the mistake. Raises ValueError where it has no such place."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} has {source.count(self.old)} times: {self.old}")
        return source.replace(self.old, self.new)


_ACCESS = "domain/access.py"
_REACHES = "return (target.role != ADMIN or actor.role == ADMIN) and self.covers(actor, target)"
_LISTS = "is_narrowed and set(grant.listed(kind)) <= set(giver.listed(kind))"
_USABLE = "if paused or suspended or (expires_at is not None and now >= expires_at):"

POWER = (
    Mutant(
        "A Manager neither touches an Admin nor grants Admin",
        _ACCESS,
        _REACHES,
        "return self.covers(actor, target)",
    ),
    Mutant(
        "Nobody gives what they do not hold",
        _ACCESS,
        _REACHES,
        "return target.role != ADMIN or actor.role == ADMIN",
    ),
    Mutant(
        "Managing users belongs to roles that manage users",
        _ACCESS,
        "if not self.manages_users(actor):",
        "if not actor.role:",
    ),
    Mutant(
        "Nobody gives a permission that they lack",
        _ACCESS,
        "if not given <= self.effective(giver):",
        "if not self.effective(giver):",
    ),
    Mutant("Nobody gives a thing that they were not given", _ACCESS, _LISTS, "is_narrowed"),
    Mutant(
        "Who is narrowed gives no role that is not",
        _ACCESS,
        _LISTS,
        "set(grant.listed(kind)) <= set(giver.listed(kind))",
    ),
    Mutant(
        "A role's lists are not looked at where nothing narrows it",
        _ACCESS,
        'return (frozenset(grant.permissions) if given == "listed" else given) & self.names',
        'return (frozenset(grant.permissions) | (frozenset() if given == "listed" else given))'
        " & self.names",
    ),
    Mutant(
        "Of two who are narrowed, neither outranks the other",
        _ACCESS,
        "return not both and not self.is_listed(role)",
        "return not self.is_listed(role)",
    ),
    Mutant(
        "A token's scopes are cut by its owner's power",
        _ACCESS,
        "return self._owner_permits(actor.grant, scope)",
        "return True",
    ),
    Mutant(
        "A token does only what its scopes say",
        _ACCESS,
        "if not actor.is_operator and not scope_covers(actor.scopes, scope):",
        "if not actor.is_operator and not actor.scopes:",
    ),
    Mutant(
        "Through a token only scopes are given that it has",
        "domain/tokens.py",
        "return by.is_operator or access.scope_covers(by.scopes, scope)",
        "return True",
    ),
    Mutant(
        "A domain is removed by who may manage that one",
        "actions/things.py",
        "or _TO_REMOVE[kind] in held",
        "or _TO_REMOVE[kind] in unit.catalog.effective(unit.by.grant)",
    ),
    Mutant(
        "A domain is added by who may manage every one",
        "actions/things.py",
        "if not unit.catalog.holds_on_account(unit.by.grant, permission):",
        "if permission not in unit.catalog.effective(unit.by.grant):",
    ),
)

PLACES = (
    Mutant(
        "The last Admin is an active one",
        "domain/users.py",
        "return self.grant.role == ADMIN and not self.is_suspended",
        "return self.grant.role == ADMIN",
    ),
    Mutant(
        "The last Admin is not demoted",
        "domain/users.py",
        "if wanted.role != ADMIN:",
        "if wanted.role == user.grant.role:",
    ),
    Mutant(
        "The last Admin does not leave",
        "actions/leaving.py",
        "        rules.check_admin_stays(user, admins=unit.account.admins)\n",
        "",
    ),
    Mutant(
        "Who is changed must be within reach before, too",
        "domain/users.py",
        "    check_reach(catalog, by=by, target=user.grant)\n"
        "    check_reach(catalog, by=by, target=wanted)\n",
        "    check_reach(catalog, by=by, target=wanted)\n",
    ),
    Mutant(
        "Who is reactivated must be within reach",
        "actions/users.py",
        "        check_reach(unit.catalog, by=unit.by, target=user.grant)\n"
        "        if not user.is_suspended:",
        "        if not user.is_suspended:",
    ),
    Mutant(
        "With a demotion the tokens end that may no longer be owned",
        "actions/users.py",
        "if grant is None or not catalog.may_own_tokens(grant):",
        "if grant is None:",
    ),
    Mutant(
        "With a removal tokens end",
        "actions/users.py",
        "if grant is None or not catalog.may_own_tokens(grant):",
        "if grant is not None and not catalog.may_own_tokens(grant):",
    ),
    Mutant(
        "With a demotion the invitations end that could no longer be given",
        "actions/users.py",
        "        if grant is None or not catalog.reaches(grant, invitation.grant):",
        "        if grant is None:",
    ),
    Mutant(
        "With a removal the invitations end that were given",
        "actions/users.py",
        "        if grant is None or not catalog.reaches(grant, invitation.grant):",
        "        if grant is not None and not catalog.reaches(grant, invitation.grant):",
    ),
    Mutant(
        "With a demotion copied links end",
        "actions/users.py",
        "    if grant is None or not catalog.reaches(grant, user.grant):",
        "    if grant is None:",
    ),
    Mutant(
        "With a removal copied links end",
        "actions/users.py",
        "    if grant is None or not catalog.reaches(grant, user.grant):",
        "    if grant is not None and not catalog.reaches(grant, user.grant):",
    ),
    Mutant(
        "With a suspension copied links end",
        "actions/users.py",
        "        _end_copies(unit, user)\n        return _told",
        "        return _told",
    ),
    Mutant(
        "Sessions look at no account where their person has no place",
        "actions/users.py",
        "    sessions.leave(unit.transaction, unit.account.key, user.key)\n    end_what_is_lost",
        "    end_what_is_lost",
    ),
    Mutant(
        "A session gives a suspended user nothing",
        "store/sessions.py",
        'bindparam("of_account"),\n        users.c.suspended_at.is_(None),\n',
        'bindparam("of_account"),\n',
    ),
    Mutant(
        "Nobody acts as a suspended user",
        "store/users.py",
        "if found is None or found.is_suspended:",
        "if found is None:",
    ),
    Mutant(
        "Old lists do not survive another role",
        "store/grants.py",
        "    for statement in _DELETES[holders]:\n",
        "    for statement in _DELETES[holders] if grant.domains or grant.templates else ():\n",
    ),
)

OFFERS = (
    Mutant(
        "Who offers must still hold it when it is accepted",
        "domain/joining.py",
        "if giver is None or not catalog.reaches(giver, offer.invitation.grant):",
        "if giver is not None and not catalog.reaches(giver, offer.invitation.grant):",
    ),
    Mutant(
        "A suspended user gives nothing",
        "store/joining.py",
        '    select(*grants.columns("users", users.c.key, users)).where(\n'
        '        users.c.account == bindparam("account"),\n'
        '        users.c.key == bindparam("the_key"),\n'
        "        users.c.suspended_at.is_(None),\n",
        '    select(*grants.columns("users", users.c.key, users)).where(\n'
        '        users.c.account == bindparam("account"),\n'
        '        users.c.key == bindparam("the_key"),\n',
    ),
    Mutant(
        "Nobody is accepted beyond the seats",
        "actions/joining.py",
        "check_seat(seats=account.seats, seats_taken=taken - 1)",
        "check_seat(seats=None, seats_taken=taken)",
    ),
    Mutant(
        "A seat is reserved when somebody is invited",
        "actions/invitations.py",
        "        return account.users\n    return account.users + invitations.unexpired",
        "        return account.users\n    return account.users + 0 * invitations.unexpired",
    ),
    Mutant(
        "An expired invitation that is resent needs a seat",
        "actions/invitations.py",
        "    if invitation.is_expired(unit.now):",
        "    if unit.now < 0:",
    ),
    Mutant(
        "Nobody is accepted after the end",
        "domain/joining.py",
        "if self.state == State.PENDING and self.invitation.is_expired(now):",
        "if self.state == State.DECLINED and self.invitation.is_expired(now):",
    ),
    Mutant(
        "A resend kills the old link",
        "store/invitations.py",
        '(*_LINK_COLUMNS, "expires_at", "invited_by")',
        '("expires_at", "invited_by")',
    ),
    Mutant(
        "A resend kills the copied link",
        "store/invitations.py",
        'dict.fromkeys((*_COPY_COLUMNS, "reminded_at"',
        'dict.fromkeys(("reminded_at"',
    ),
    Mutant(
        "An edit kills the copied link",
        "store/invitations.py",
        "(*grants.GRANT_COLUMNS, *_EDIT_COLUMNS)} | NO_COPY)",
        "(*grants.GRANT_COLUMNS, *_EDIT_COLUMNS)})",
    ),
    Mutant(
        "After an edit it is the editor's to give",
        "actions/invitations.py",
        "    giver = unit.by.user\n",
        "    giver = stored.invited_by\n",
    ),
    Mutant(
        "After a resend it is the sender's to give",
        "actions/invitations.py",
        "expires_at=expires_at, invited_by=unit.by.user)",
        "expires_at=expires_at)",
    ),
    Mutant(
        "An expired invitation is replaced by who could have cancelled it",
        "actions/invitations.py",
        "    if before is not None:\n        check_reach(",
        "    if before is not None and before.key < 0:\n        check_reach(",
    ),
    Mutant(
        "A link is copied by who could give the very grant",
        "domain/invitations.py",
        "    check_reach(catalog, by=by, target=invitation.grant)\n    if invitation.is_expired",
        "    if invitation.is_expired",
    ),
    Mutant(
        "A copied link proves no address",
        "actions/joining.py",
        "proven_at=None if offer.is_copy else unit.now",
        "proven_at=unit.now",
    ),
    Mutant(
        "A copied link claims nobody's sign-in",
        "domain/joining.py",
        "return not offer.is_copy and emails.same_mailbox",
        "return emails.same_mailbox",
    ),
    Mutant(
        "A place goes to the person whose address was invited",
        "domain/joining.py",
        "if signed_in is not None and (person is None or person.key != signed_in):",
        "if signed_in is not None and person is None:",
    ),
    Mutant(
        "An ended invitation frees its address",
        "store/invitations.py",
        "    transaction.run(_FREE_ADDRESS, the_key=invitation.key)\n",
        "",
    ),
)

KEYS = (
    Mutant(
        "A paused token opens nothing",
        "domain/tokens.py",
        _USABLE,
        _USABLE.replace("paused or ", ""),
    ),
    Mutant(
        "A suspended user's token opens nothing",
        "domain/tokens.py",
        _USABLE,
        _USABLE.replace("suspended or ", ""),
    ),
    Mutant(
        "A token opens nothing after its end",
        "domain/tokens.py",
        _USABLE,
        "if paused or suspended:",
    ),
    Mutant(
        "Only who reaches its owner hands a token on",
        "actions/tokens.py",
        "        _check_reach(unit, token)\n        owner = _owner(unit, to)",
        "        owner = _owner(unit, to)",
    ),
    Mutant(
        "A token is handed on to who is within reach",
        "actions/tokens.py",
        "    rules.check_reach(unit.catalog, by=unit.by, owner=user.key, role=user.grant.role)\n",
        "",
    ),
    Mutant(
        "A token is handed on to who may own one",
        "actions/tokens.py",
        "if user.is_suspended or not unit.catalog.may_own_tokens(user.grant):",
        "if user.is_suspended:",
    ),
    Mutant(
        "A Manager ends no Admin's token",
        "domain/tokens.py",
        "if not catalog.outranks(by.grant, role):",
        "if not catalog.manages_users(by.grant):",
    ),
)

BOOKS = (
    Mutant(
        "A cancelled invitation is counted no more",
        "actions/users.py",
        "unit.count(invitations=-1)",
        "unit.count(invitations=0)",
    ),
    Mutant(
        "Who joins as an Admin is counted as one",
        "actions/joining.py",
        "admins=int(grant.role == ADMIN)",
        "admins=0",
    ),
    Mutant(
        "Blocks count what left them",
        "store/blocks.py",
        "SET live = live - 1",
        "SET live = live",
    ),
    Mutant(
        "What ends with something else has an entry of its own",
        "actions/users.py",
        '            unit.record("token.end", f"token:{token.id}", before={"owner": user.id})\n',
        "",
    ),
    Mutant(
        "A copied link that ends has an entry",
        "actions/users.py",
        '            unit.record("invitation.end_copy", f"invitation:{invitation_id}")\n',
        "            del invitation_id\n",
    ),
    Mutant(
        "Each entry is chained to the one before",
        "domain/audit.py",
        "after = Link(after.sequence + 1, _hash(after, content(entry, account)))",
        "after = Link(after.sequence + 1, _hash(Link(), content(entry, account)))",
    ),
    Mutant(
        "The account knows where its chain ends",
        "actions/runtime.py",
        "            link=link,\n",
        "            link=self.account.link,\n",
    ),
    Mutant(
        "Nothing is told that did not happen",
        "actions/users.py",
        "            unit.change_nothing()\n            return _told(unit, user)\n"
        "        sessions.leave(",
        "            return _told(unit, _suspended(unit, user, unit.now))\n        sessions.leave(",
    ),
)

MUTANTS = (*POWER, *PLACES, *OFFERS, *KEYS, *BOOKS)
# Found within seconds, and each by another part of the model.
FEW = (POWER[0], OFFERS[1], BOOKS[0])

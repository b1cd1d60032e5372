"""What a letter of the outbox says, as that stands when it leaves."""

from collections.abc import Callable

from guestlist.actions import invitations as inviting
from guestlist.actions import proving
from guestlist.actions.credentials import EMAIL_LIFE
from guestlist.actions.runtime import Runtime, begin, operator
from guestlist.domain.invitations import State
from guestlist.domain.letters import Deferred, Facts, Kind, Letter
from guestlist.domain.sessions import HOUR
from guestlist.store import invitations, letters, people, proofs
from guestlist.store.letters import Due, Proof

RESET_LIFE = HOUR


def letter(runtime: Runtime, due: Due) -> Letter | None:
    """None where it means nothing any more, or another goes out in its place.

    A reset's link is made here, once: who asked for it is not told whether there was anybody to
    make one for. Raises Deferred, Unavailable.
    """
    return _BUILDERS.get(due.kind, _note)(runtime, due)


def _offer(runtime: Runtime, due: Due) -> Letter | None:
    """An invitation, or a reminder of one."""
    offer = due.invitation
    if offer is None or due.account is None or due.nonce is None:
        return None
    is_pending = offer.state == State.PENDING and runtime.now(due.account) < offer.expires_at
    if not is_pending or due.nonce != offer.nonce:
        return None
    fingerprint = offer.key_fingerprint or ""
    if fingerprint not in runtime.keys.fingerprints:
        _renew(runtime, due.account, offer.id)
        return None
    secret = runtime.keys.invitation_secret(due.account, due.nonce, fingerprint)
    return Letter(
        name=f"{due.kind}-{offer.id}-{due.key}",
        kind=Kind(due.kind),
        to=offer.email,
        language=offer.language,
        at=due.created_at,
        facts={
            "account": due.account_name,
            "inviter": due.inviter.called if due.inviter else None,
            "role": offer.role,
            "link": f"{runtime.public_url}/invitations/{secret}",
            "expires_at": offer.expires_at,
        },
    )


def _renew(runtime: Runtime, account: int, invitation_id: str) -> None:
    """The key that made this link is gone: a new link goes out in its place."""
    with begin(runtime, operator(account, "outbox")) as unit:
        invitation = invitations.find(unit.transaction, account, invitation_id)
        if invitation is not None:
            inviting.renew(unit, invitation)


def _asked(runtime: Runtime, due: Due) -> Letter | None:
    """Somebody asks for another invitation: not any more where they have one, or it is over."""
    reader = due.person or due.inviter
    offer = due.invitation
    if reader is None or offer is None or due.account is None:
        return None
    is_expired = offer.state == State.PENDING and runtime.now(due.account) >= offer.expires_at
    if not is_expired:
        return None
    facts = {"account": due.account_name, "email": offer.email, "role": offer.role}
    return _to(due, reader.email, facts | {"name": reader.called}, language=reader.language)


def _reset(runtime: Runtime, due: Due) -> Letter | None:
    if due.proof is None:
        _make_reset(runtime, due)
        with runtime.database.read() as transaction:
            found = letters.get(transaction, [due.key])
        if not found or found[0].proof is None:
            return None
        due = found[0]
    return _linked(runtime, due)


def _make_reset(runtime: Runtime, due: Due) -> None:
    """Kept beside the letter, so that every attempt brings the same link."""
    with runtime.database.change() as transaction:
        if not letters.hold(transaction, due.key):
            raise Deferred("Another process is sending it.")
        person = people.find(transaction, due.email_key or "")
        if person is None:
            return
        proof, _ = proving.add(
            runtime, transaction, person.key, Kind.RESET, now=runtime.now(0), life=RESET_LIFE
        )
        letters.bring(transaction, due.key, proof=proof)


def _linked(runtime: Runtime, due: Due) -> Letter | None:
    """A letter whose link proves that its reader reads mail at its address."""
    proof, person = due.proof, due.person
    if proof is None or person is None:
        return None
    expires_at = _lasting(runtime, due.kind, proof)
    if expires_at is None:
        return None
    if proof.key_fingerprint in runtime.keys.fingerprints:
        secret = runtime.keys.proof_secret(person.key, proof.nonce, proof.key_fingerprint)
    else:
        kept, secret = proving.fresh(runtime, person.key)
        with runtime.database.change() as transaction:
            proofs.renew(transaction, proof.key, **kept)
    facts: Facts = {
        "name": person.called,
        "new_email": proof.email,
        "link": f"{runtime.public_url}/links/{secret}",
        "expires_at": expires_at,
    }
    to = due.email or (proof.email if due.kind == Kind.EMAIL_NEW else None) or person.email
    return _to(due, to, facts, language=person.language)


def _lasting(runtime: Runtime, kind: str, proof: Proof) -> int | None:
    """When the link ends, None where it opens nothing any more.

    Nobody has it yet, so its time begins anew where much of it went by while no letter could leave.
    """
    if proof.used_at is not None:
        return None
    life = RESET_LIFE if kind == Kind.RESET else EMAIL_LIFE
    now = runtime.now(0)
    if proof.expires_at - now > life // 2:
        return proof.expires_at
    with runtime.database.change() as transaction:
        return now + life if proofs.prolong(transaction, proof.key, expires_at=now + life) else None


def _note(_runtime: Runtime, due: Due) -> Letter | None:
    """A letter that only tells its reader something."""
    person = due.person
    to = due.email or (person.email if person else None)
    if to is None:
        return None
    name = person.called if person else None
    facts = {"at": due.created_at, "name": name, "account": due.account_name}
    return _to(due, to, facts, language=person.language if person else None)


def _to(due: Due, to: str, facts: Facts, *, language: str | None) -> Letter:
    return Letter(
        name=f"{due.kind}-{due.key}",
        kind=Kind(due.kind),
        to=to,
        language=language,
        at=due.created_at,
        facts={**facts, **due.facts},
    )


_BUILDERS: dict[str, Callable[[Runtime, Due], Letter | None]] = {
    Kind.INVITATION: _offer,
    Kind.REMINDER: _offer,
    Kind.ASKED: _asked,
    Kind.RESET: _reset,
    Kind.EMAIL_OLD: _linked,
    Kind.EMAIL_NEW: _linked,
}

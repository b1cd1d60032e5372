"""Making one-time links to people: what is kept of each, and the secret that nothing keeps."""

from typing import Any

from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.domain import links
from guestlist.store import proofs
from guestlist.store.database import Transaction


def fresh(runtime: Runtime, person: int) -> tuple[dict[str, Any], str]:
    """What is kept of a new secret, and the secret."""
    nonce = runtime.random(NO_ACCOUNT, links.NONCE_BYTES)
    fingerprint = runtime.keys.fingerprint
    secret = runtime.keys.proof_secret(person, nonce, fingerprint)
    kept = {
        "nonce": nonce,
        "key_fingerprint": fingerprint,
        "secret_sha256": links.digest(secret),
    }
    return kept, secret


def add(
    runtime: Runtime,
    transaction: Transaction,
    person: int,
    kind: str,
    *,
    now: int,
    life: int,
    email: str | None = None,
) -> tuple[int, str]:
    """The key of a new proof, good for `life`, and its link's secret."""
    kept, secret = fresh(runtime, person)
    made = proofs.add(
        transaction,
        person=person,
        kind=kind,
        **kept,
        email=email,
        now=now,
        expires_at=now + life,
    )
    return made, secret

"""The audit: who changed what, from where, and how nobody changes what was written of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """What a change comes of: the request's id, and the network address it was sent from.

    `origin` is None where nothing came over a network: at a terminal, out of the outbox.
    """

    request: str
    origin: str | None = None

"""How a deployment's letters leave."""

import os

from guestlist import settings as configuration
from guestlist.delivery import messages, senders
from guestlist.delivery.senders import Sender
from guestlist.domain.refusals import Misconfigured
from guestlist.settings import Settings


def sender(settings: Settings) -> Sender:
    """How letters leave. Raises Misconfigured."""
    try:
        stationery = messages.stationery(
            settings.public_url, sender=settings.mail_from, language=settings.language
        )
    except ValueError as error:
        raise Misconfigured(
            "Letters are from an address, as in people@acme.test or Acme <people@acme.test>; got"
            f" {settings.mail_from!r} (setting --mail-from)."
        ) from error
    return senders.opened(
        settings.mail or f"folder:{settings.outbox}",
        password=os.environ.get(configuration.SMTP_PASSWORD_VARIABLE),
        stationery=stationery,
    )

"""Who asks for a passkey, as browsers see it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

_LOCAL = "localhost"


@dataclass(frozen=True, slots=True)
class Party:
    """The relying party: it comes from the public URL, an origin, and never from a request."""

    id: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> Self:
        return cls(urlsplit(public_url).hostname or "", public_url)

    @property
    def may_ask(self) -> bool:
        """Browsers answer https and localhost only, and no bare IP address."""
        if self.id == _LOCAL or self.id.endswith("." + _LOCAL):
            return True
        is_named = ":" not in self.id and not self.id.rpartition(".")[2].isdigit()
        return is_named and self.origin.startswith("https:")

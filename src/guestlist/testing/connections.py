"""The twin's connections: they let a fault at what the answer leaves by."""

import asyncio
import os
import socket
import struct

from starlette.types import Scope

from guestlist.api.connections import Connection

TRANSPORT = "guestlist.transport"


class OpenConnection(Connection):
    """Each request's scope brings its transport."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


def transport(scope: Scope) -> asyncio.Transport | None:
    """None where there is no connection: the application is called in its own process."""
    found = (scope.get("extensions") or {}).get(TRANSPORT)
    return found["transport"] if found else None


def reset(transport: asyncio.WriteTransport) -> None:
    """Ends it with RST, as a host does that lost its memory: what was not sent yet is lost."""
    if transport.is_closing():
        return
    descriptor = transport.get_extra_info("socket").fileno()
    # what belongs to the connection and not to the descriptor is set by any copy of it
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()

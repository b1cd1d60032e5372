"""HTTP connections: uvicorn's, where it would not take what clients really send."""

from asyncio import TimerHandle, Transport
from http import HTTPStatus

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from guestlist.actions.logs import Logger
from guestlist.api import refusals

MAX_HEAD = 64 * 1024
HEAD_SECONDS = 30

_log = Logger("guestlist.api")


class _HeadTooLarge(Exception):
    pass


class _Tunnel(Exception):
    """CONNECT: an upgrade that cannot be declined."""


class Connection(HttpToolsProtocol):
    """Declines each offer of another protocol and reads on: the request is HTTP/1.1 all the same.

    Java's client offers HTTP/2 with its requests to an http address; httptools takes an offer for
    an agreement and would drop the body. What is no request is told so in JSON, no head or trailer
    grows for ever, and none is waited for for ever.
    """

    _in_head = False
    # Bytes since the parser last told something: what it holds of a head or a trailer.
    _unread = 0
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._unread += len(data)
        try:
            self._feed(memoryview(data))
        except HttpParserError as error:
            self._refuse(431 if isinstance(error.__context__, _HeadTooLarge) else 400)
        else:
            if self._unread > MAX_HEAD:
                self._refuse(431)

    def _feed(self, data: memoryview) -> None:
        while True:
            try:
                return self.parser.feed_data(data)
            except HttpParserUpgrade as offer:
                head = self._head_without_offer()
                # The other one may hold the message for the last on this connection.
                self.parser = HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn
                self.parser.feed_data(head)
                data = data[offer.args[0] :]

    def on_message_begin(self) -> None:
        self._in_head = True
        self._await_head()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # after it come trailers, which nobody asked for
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._unread = False, 0
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            raise _HeadTooLarge
        if self.parser.get_method() == b"CONNECT":
            raise _Tunnel
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _should_upgrade(self) -> bool:
        """Whether uvicorn should leave this reading of the request alone."""
        return True

    def _head_without_offer(self) -> bytes:
        line = b"%b %b HTTP/%b\r\n" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode(),
        )
        headers = [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        return b"".join([line, *headers, b"\r\n"])

    def _refuse(self, status: int) -> None:
        answer = refusals.plain(status, refusals.UNREADABLE[status])
        _log.info("request", endpoint="other", status=status)
        self.transport.write(
            b"HTTP/1.1 %d %b\r\ncache-control: no-cache, private\r\nconnection: close\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (status, HTTPStatus(status).phrase.encode(), len(answer.body), answer.body)
        )
        self.transport.close()

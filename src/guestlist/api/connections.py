"""HTTP connections: uvicorn's, where it would not take what clients really send."""

from http import HTTPStatus

import structlog
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from guestlist.api import refusals

MAX_HEAD = 64 * 1024

_log = structlog.get_logger("guestlist.api")


class _HeadTooLarge(Exception):
    pass


class _Tunnel(Exception):
    """CONNECT: an upgrade that cannot be declined."""


class Connection(HttpToolsProtocol):
    """Declines each offer of another protocol and reads on: the request is HTTP/1.1 all the same.

    Java's client offers HTTP/2 with its requests to an http address; httptools takes an offer for
    an agreement and would drop the body. What is no request is told so in JSON, and no head of
    one grows for ever.
    """

    _in_head = False
    _pieces = 0

    def data_received(self, data: bytes) -> None:
        goes_on = self._in_head
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as offer:
            head = self._head_without_offer()
            self.parser = HttpRequestParser(self)  # the other one may hold the message for the last
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            self.data_received(head + data[offer.args[0] :])
        except HttpParserError as error:
            self._refuse(431 if isinstance(error.__context__, _HeadTooLarge) else 400)
        else:
            if goes_on and self._in_head:
                self._pieces += len(data)
                if self._pieces > MAX_HEAD:
                    self._refuse(431)

    def on_message_begin(self) -> None:
        self._in_head, self._pieces = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            raise _HeadTooLarge
        if self.parser.get_method() == b"CONNECT":
            raise _Tunnel
        super().on_headers_complete()

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

"""What a caller may have to handle; none of them ever means yes."""


class GuestlistError(Exception):
    """No decision was had. The text says what happened and what to do, never the token."""


class Unauthenticated(GuestlistError):
    """401: the token is unknown, paused, or ended with its owner."""


class Forbidden(GuestlistError):
    """403: the token may not ask; it needs the scope `users_read`."""


class Malformed(GuestlistError):
    """400, 413 or 422: the server does not understand, or take, what was asked."""


class Unavailable(GuestlistError):
    """No answer in time, or none that Guestlist gives.

    `retry_after` is in seconds, where the server said how long to wait.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

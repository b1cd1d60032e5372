"""Which requests are meant: by method, and by a route, a path or the beginning of one."""

from dataclasses import dataclass

from guestlist.api.endpoints import Endpoint
from guestlist.api.router import Router
from guestlist.api.routes import ENDPOINTS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ROUTES = Router(ENDPOINTS)


def endpoint(method: str, path: str) -> Endpoint | None:
    """The API's, where it has one."""
    return _ROUTES.find(path)[0].get("GET" if method == "HEAD" else method)


def is_route(path: str) -> bool:
    """Whether the API has that path, or with {} in it that route, for any method."""
    if "{" not in path:
        return bool(_ROUTES.find(path)[0])
    return any(_shape(one.path) == _shape(path) for one in ENDPOINTS)


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if part[:1] == "{" else part for part in path.split("/"))


@dataclass(frozen=True, slots=True)
class Where:
    """Left out: every method, every path."""

    method: str | None = None
    path: str | None = None

    def has(self, method: str, path: str) -> bool:
        if self.method is not None and self.method.upper() != method:
            return False
        wanted = self.path
        if wanted is None or wanted == path:
            return True
        if wanted.endswith("*"):
            return path.startswith(wanted[:-1])
        if "{" not in wanted:
            return False
        found = next(iter(_ROUTES.find(path)[0].values()), None)
        return found is not None and _shape(found.path) == _shape(wanted)


def wrong(where: Where) -> str | None:
    """What is wrong with it, in words."""
    if where.method is not None and where.method.upper() not in METHODS:
        return f"There is no method {where.method!r}; there are: {', '.join(METHODS)}."
    path = where.path
    if path is None:
        return None
    if not path.startswith("/"):
        return f"path must begin with a /, as in /v1/users; got {path!r}."
    if "{" in path and not is_route(path):
        return f"The API has no route {path}. Write a path as it is, or a beginning of it and a *."
    return None

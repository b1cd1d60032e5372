"""Finds endpoints by path."""

from collections.abc import Iterable

from guestlist.api.endpoints import Endpoint

_ANY = "{}"


class Router:
    """Paths by their parts, of which at most one is an id."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._by_shape: dict[tuple[str, ...], dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            shape = tuple(_ANY if part[:1] == "{" else part for part in endpoint.path.split("/"))
            self._by_shape.setdefault(shape, {})[endpoint.method.value] = endpoint
        self._places = {shape.index(_ANY) for shape in self._by_shape if _ANY in shape}

    def find(self, path: str) -> tuple[dict[str, Endpoint], str]:
        """The path's endpoints by method, none where there is no such path, and the path's id."""
        parts = tuple(path.split("/"))
        exact = self._by_shape.get(parts)
        if exact is not None:
            return ({}, "") if _ANY in parts else (exact, "")
        for place in self._places:
            if place < len(parts) and parts[place]:
                found = self._by_shape.get((*parts[:place], _ANY, *parts[place + 1 :]))
                if found is not None:
                    return found, parts[place]
        return {}, ""


def methods(endpoints: dict[str, Endpoint]) -> list[str]:
    """What a path can be asked, in Laravel's order: HEAD goes with GET."""
    named: list[str] = []
    for method in ("GET", "POST", "PUT", "DELETE"):
        if method in endpoints:
            named += ["GET", "HEAD"] if method == "GET" else [method]
    return named

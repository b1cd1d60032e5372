"""A view that requires a permission lets in nobody else, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from fastapi import Depends, FastAPI, Header
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from guestlist.client import AsyncGuestlist, Guestlist
from guestlist.client import django as for_django
from guestlist.client import fastapi as for_fastapi
from guestlist.client import starlette as for_starlette
from tests.client import django_project
from tests.client.conftest import TOKEN
from tests.client.peer import Peer, answer, decision

Start = Callable[..., Peer]
# A view at /domains/{domain} and its client: what a user, or nobody, is answered.
Ask = Callable[[str | None], tuple[int, str, Any]]
Site = Callable[..., Ask]


def headers(user: str | None) -> dict[str, str]:
    return {} if user is None else {"user": user}


def fastapi_site(guestlist: Any, stack: ExitStack, **options: Any) -> Ask:
    async def signed_in(user: str | None = Header(None)) -> str | None:
        return user

    app = FastAPI(lifespan=lifespan(guestlist))
    needs = for_fastapi.requires("control-sendings", guestlist=guestlist, user=signed_in, **options)

    @app.get("/domains/{domain}", dependencies=[Depends(needs)])
    def view(domain: str) -> str:
        return f"inside {domain}"

    return asgi(app, stack)


def starlette_site(guestlist: Any, stack: ExitStack, **options: Any) -> Ask:
    needs = for_starlette.requires(
        "control-sendings",
        guestlist=guestlist,
        user=lambda request: request.headers.get("user"),
        **options,
    )

    @needs
    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"inside {request.path_params['domain']}")

    routes = [Route("/domains/{domain}", view)]
    return asgi(Starlette(routes=routes, lifespan=lifespan(guestlist)), stack)


def starlette_thread_site(guestlist: Any, stack: ExitStack, **options: Any) -> Ask:
    async def user(request: Request) -> str | None:
        return request.headers.get("user")

    needs = for_starlette.requires("control-sendings", guestlist=guestlist, user=user, **options)

    @needs
    def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"inside {request.path_params['domain']}")

    routes = [Route("/domains/{domain}", view)]
    return asgi(Starlette(routes=routes, lifespan=lifespan(guestlist)), stack)


def lifespan(guestlist: Any) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Its connections belong to the application's event loop, and end before that does."""

    @asynccontextmanager
    async def running(_app: Any) -> AsyncIterator[None]:
        yield
        if isinstance(guestlist, AsyncGuestlist):
            await guestlist.aclose()

    return running


def asgi(app: Any, stack: ExitStack) -> Ask:
    http = stack.enter_context(TestClient(app, raise_server_exceptions=False))

    def ask(user: str | None) -> tuple[int, str, Any]:
        got = http.get("/domains/d1", headers=headers(user))
        return got.status_code, got.text, got.headers

    return ask


def django_site(guestlist: Any, _stack: ExitStack, **options: Any) -> Ask:
    django_project.configured()
    needs = for_django.requires(
        "control-sendings",
        guestlist=guestlist,
        user=lambda request: request.headers.get("user"),
        **options,
    )

    @needs
    def view(_request: HttpRequest, domain: str) -> HttpResponse:
        return HttpResponse(f"inside {domain}")

    django_project.urlpatterns[:] = [path("domains/<domain>", view)]
    http = Client(raise_request_exception=False)
    get_wsgi_application()

    def ask(user: str | None) -> tuple[int, str, Any]:
        got = http.get("/domains/d1", headers=headers(user))
        return got.status_code, got.content.decode(), got.headers

    return ask


def django_async_site(guestlist: Any, _stack: ExitStack, **options: Any) -> Ask:
    django_project.configured()

    async def user(request: HttpRequest) -> str | None:
        found: str | None = request.headers.get("user")
        return found

    needs = for_django.requires("control-sendings", guestlist=guestlist, user=user, **options)

    @needs
    async def view(_request: HttpRequest, domain: str) -> HttpResponse:
        return HttpResponse(f"inside {domain}")

    django_project.urlpatterns[:] = [path("domains/<domain>", view)]
    http = AsyncClient(raise_request_exception=False)
    ASGIHandler()

    async def get(user: str | None) -> tuple[int, str, Any]:
        got = await http.get("/domains/d1", headers=headers(user))
        if isinstance(guestlist, AsyncGuestlist):
            await guestlist.aclose()
        return got.status_code, got.content.decode(), got.headers

    return lambda user: asyncio.run(get(user))


SITES: list[tuple[Site, type[Any]]] = [
    (site, kind)
    for site in (fastapi_site, starlette_site, starlette_thread_site, django_async_site)
    for kind in (Guestlist, AsyncGuestlist)
] + [(django_site, Guestlist)]


@pytest.fixture(params=SITES, ids=lambda it: f"{it[0].__name__}-{it[1].__name__}")
def site(request: pytest.FixtureRequest) -> Iterator[Callable[..., Ask]]:
    build, kind = request.param
    with ExitStack() as stack:

        def make(url: str, **options: Any) -> Ask:
            guestlist = kind(url, TOKEN, attempts=1)
            if kind is Guestlist:
                stack.callback(guestlist.close)
            ask: Ask = build(guestlist, stack, **options)
            return ask

        yield make


def test_who_may_is_let_in_and_others_are_not(site: Site, peer: Start) -> None:
    there = peer(decision(allowed=True), decision(allowed=False, reason="lacks it on d1"))
    ask = site(there.url, domain="domain")
    assert ask("ana@acme.test")[:2] in {(200, "inside d1"), (200, '"inside d1"')}
    status, text, _ = ask("bob@acme.test")
    assert status == 403
    assert "lacks it" not in text
    assert [one.document["subject"]["id"] for one in there.asked] == [
        "ana@acme.test",
        "bob@acme.test",
    ]
    assert there.asked[0].document["resource"] == {"type": "domain", "id": "d1"}


def test_the_reason_is_told_where_it_is_wanted(site: Site, peer: Start) -> None:
    there = peer(decision(allowed=False, reason="lacks it on d1"))
    status, text, _ = site(there.url, domain="domain", reason=True)("bob@acme.test")
    assert (status, "lacks it on d1" in text) == (403, True)


def test_nobody_is_not_let_in_and_not_asked_about(site: Site, peer: Start) -> None:
    there = peer(decision(allowed=True))
    assert site(there.url, domain="domain")(None)[0] == 403
    assert there.asked == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (answer(503, {}, retry_after="7"), 503),
        (answer(401, {}), 503),
        (answer(403, {}), 503),
        (answer(500, {}), 503),
        (answer(200, {"decision": "true"}), 503),
        (b"", 503),
        (answer(400, {"message": "no such id"}), 403),
    ],
)
def test_without_a_decision_nobody_is_let_in(
    site: Site, peer: Start, given: bytes, status: int
) -> None:
    there = peer(given)
    got, text, had = site(there.url, domain="domain")("ana@acme.test")
    assert (got, "inside" in text, there.url in text) == (status, False, False)
    assert had.get("retry-after") == ("7" if b"retry-after: 7" in given else None)


def test_a_function_finds_what_is_asked_of(site: Site, peer: Start) -> None:
    there = peer(decision(allowed=True))
    ask = site(there.url, resource=lambda _request: ("shop", "s1", {"open": True}))
    assert ask("ana@acme.test")[0] == 200
    shop = {"type": "shop", "id": "s1", "properties": {"open": True}}
    assert there.asked[0].document["resource"] == shop


@pytest.mark.parametrize(
    "where",
    [{"domain": "misspelt"}, {"domain": lambda _request: None}, {"template": lambda _request: ""}],
)
def test_a_view_that_cannot_tell_of_what_lets_in_nobody(
    site: Site, peer: Start, where: dict[str, Any]
) -> None:
    there = peer(decision(allowed=True))
    assert site(there.url, **where)("ana@acme.test")[0] == 500
    assert there.asked == []


def test_two_things_are_refused_where_the_view_is_written(site: Site) -> None:
    with pytest.raises(ValueError, match="one thing"):
        site("http://127.0.0.1:9", domain="domain", template="template")


def test_a_synchronous_django_view_is_told_what_it_needs() -> None:
    guestlist = AsyncGuestlist("http://127.0.0.1:9", TOKEN)
    with pytest.raises(TypeError, match="needs a Guestlist"):
        django_site(guestlist, ExitStack())

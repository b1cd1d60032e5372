"""A real browser, a real server and a real mail server; pictures and checks of every page seen."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from guestlist.actions.runtime import Runtime
from tests.faults.crowd import runtime
from tests.mailbox import Mailbox
from tests.servers import LiveServer

SCREENS = Path(__file__).parents[2] / "build/screens"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
# As root there is no sandbox, and no page of ours needs the rest of the world.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each module: while it is there, the thread has a running loop of Playwright's."""
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def mailbox(
    module_database_url: str,  # noqa: ARG001 - one for each
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mailbox]:
    with Mailbox(tmp_path_factory.mktemp("mail")) as made:
        yield made


@pytest.fixture(scope="module")
def server(
    module_database_url: str, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("server")
    made = LiveServer(module_database_url, folder, "--mail", mailbox.url)
    with made:
        yield made
    assert "Traceback" not in made.log
    assert "status=50" not in made.log


@pytest.fixture
def live(server: LiveServer) -> Iterator[Runtime]:
    """The server's own database, for what has no door on the network."""
    made = runtime(server.database_url, connections=2)
    yield made
    made.database.close()


@pytest.fixture
def page(browser: Browser, server: LiveServer) -> Iterator[Page]:
    """A stranger's browser, in which every wrong thing a page does is noticed."""
    yield from _page(browser, server)


@pytest.fixture
def plain(browser: Browser, server: LiveServer) -> Iterator[Page]:
    """The same without scripts."""
    yield from _page(browser, server, java_script_enabled=False)


def _page(browser: Browser, server: LiveServer, **options: Any) -> Iterator[Page]:
    with browser.new_context(base_url=server.public_url, locale="en-GB", **options) as context:
        made = context.new_page()
        troubles: list[str] = []
        made.on("console", lambda told: troubles.append(told.text) if _is_bad(told) else None)
        made.on("pageerror", lambda error: troubles.append(str(error)))
        context.on("request", lambda asked: _check_host(asked.url, server, troubles))
        yield made
        assert troubles == []


def _is_bad(told: Any) -> bool:
    # A refused form is an answer with status 4xx, which Chromium tells as an error.
    return told.type == "error" and "the server responded with a status" not in told.text


def _check_host(url: str, server: LiveServer, troubles: list[str]) -> None:
    if not url.startswith((server.public_url, "data:")):
        troubles.append(f"asked {url}")


Look = Callable[[Page, str], None]


@pytest.fixture
def look(server: LiveServer) -> Look:
    """Takes a page's pictures, and asks axe-core of it; once, for both databases look alike."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    return _look if server.database_url.startswith("sqlite") else _pass_by


def _pass_by(_page: Page, _name: str) -> None: ...


def _look(page: Page, name: str) -> None:
    wrong = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=SCREENS / f"{name}-{width}-{scheme}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} px wide at {width}"
        wrong += [f"{scheme}: {it}" for it in _violations(page)]
    page.emulate_media(color_scheme="light")
    assert wrong == [], name


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{it['id']}: {[node['html'][:200] for node in it['nodes']]}"
        for it in found
        if it["impact"] in {"serious", "critical"}
    ]

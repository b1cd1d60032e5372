"""GET /docs works alone: nothing from elsewhere, no inline script, and no file but its own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestlist.api import docs
from tests.example_world import Worlds
from tests.stand import Stand

FOLDER = Path(docs.__file__).parent


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with Worlds(tmp_path_factory.mktemp("docs")).fresh() as made:
        yield made


def test_the_page_allows_itself_nothing_from_elsewhere(stand: Stand) -> None:
    answer = stand.http.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache, private"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert not re.search(r"https?:|\*|unsafe-eval", policy)
    assert "//" not in answer.text
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", answer.text))


def test_what_it_loads_is_served_with_its_type_and_kept(stand: Stand) -> None:
    loaded = re.findall(r'(?:src|href)="(docs/[^"]+)"', stand.http.get("/docs").text)
    assert len(loaded) == 4
    for path in loaded:
        answer = stand.http.get(f"/{path}")
        assert answer.status_code == 200
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sourceMappingURL" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/docs/",
        "/docs/page.js",
        "/docs/page.html",
        "/docs/__init__.py",
        "/docs/swagger-ui/LICENSE",
        "/docs/0123456789abcdef/page.js",
        "/docs/%2e%2e/openapi.py",
        "/docs/..%2fopenapi.py",
    ],
)
def test_nothing_else_is_served(stand: Stand, path: str) -> None:
    assert stand.http.get(path).status_code == 404


def test_the_viewers_licence_is_beside_it() -> None:
    names = {file.name for file in (FOLDER / "swagger-ui").iterdir()}
    assert names >= {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"}

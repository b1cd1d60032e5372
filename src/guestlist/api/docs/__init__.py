"""The reference page: a viewer for /openapi.json, kept beside this file so that nothing is fetched.

`swagger-ui/` holds files of the npm package swagger-ui-dist 5.35.0 as they are, but for the comment
that names a source map at the end of the style sheet.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from guestlist.actions.runtime import Runtime
from guestlist.api.documents import Answer

_HERE = Path(__file__).parent
_SCRIPT = "text/javascript; charset=utf-8"
_STYLE = "text/css; charset=utf-8"
_ASSETS = {
    "swagger-ui/swagger-ui.css": _STYLE,
    "swagger-ui/swagger-ui-bundle.js": _SCRIPT,
    "page.css": _STYLE,
    "page.js": _SCRIPT,
}
_SAFE = ("x-content-type-options", "nosniff")
# The viewer sets styles on elements, and its style sheet holds pictures as data.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_PAGE_HEADERS = (
    ("content-security-policy", _POLICY),
    ("referrer-policy", "no-referrer"),
    _SAFE,
)
# A path names its content, so it may be kept for good.
_ASSET_HEADERS = (("cache-control", "public, max-age=31536000, immutable"), _SAFE)


def _path(name: str) -> str:
    digest = hashlib.sha256((_HERE / name).read_bytes()).hexdigest()[:16]
    return f"docs/{digest}/{Path(name).name}"


_PATHS = {name: _path(name) for name in _ASSETS}


def _page(_: Runtime) -> Answer:
    html = (_HERE / "page.html").read_text()
    for name, path in _PATHS.items():
        html = html.replace(f'"{name}"', f'"{path}"')
    return Answer(200, html.encode(), "text/html; charset=utf-8", headers=_PAGE_HEADERS)


def _asset(name: str, _: Runtime) -> Answer:
    return Answer(200, (_HERE / name).read_bytes(), _ASSETS[name], headers=_ASSET_HEADERS)


# Every path there is; what is not here is not served.
PAGES: dict[str, Callable[[Runtime], Answer]] = {
    "/docs": _page,
    **{f"/{path}": partial(_asset, name) for name, path in _PATHS.items()},
}

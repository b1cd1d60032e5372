"""The examples of docs/client.md, run in their order."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from starlette.testclient import TestClient

from tests.client import django_project
from tests.client.conftest import TOKEN
from tests.client.peer import Asked, Peer, answer

PAGE = (Path(__file__).parents[2] / "docs/client.md").read_text()


def allowing_bob(asked: Asked) -> bytes:
    def evaluated(document: Any) -> dict[str, Any]:
        allowed = document["subject"]["id"] == "bob@acme.test"
        return {"decision": allowed, "context": {"reason": "because he is Bob"}}

    if asked.path.endswith("/evaluation"):
        return answer(200, evaluated(asked.document))
    if asked.path.endswith("/evaluations"):
        return answer(200, {"evaluations": [evaluated(it) for it in asked.document["evaluations"]]})
    return answer(200, {"results": [{"type": "x", "id": "user1", "name": "read-invoice"}]})


SAID = """\
Bob may send.
True because he is Bob
{'p3w8yq5nd2lk7e1g': True, 'k1q7w3zr9vp5xd8y': True}
['user1']
['user1']
['read-invoice']
True
['user1']
1000
"""


def test_the_examples_do_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    django_project.configured()
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    namespace: dict[str, Any] = {}
    said = io.StringIO()
    with Peer(by=allowing_bob) as there:
        monkeypatch.setenv("GUESTLIST_URL", there.url)
        monkeypatch.setenv("GUESTLIST_TOKEN", TOKEN)
        with redirect_stdout(said):
            for block in blocks:
                exec(compile(block, "docs/client.md", "exec"), namespace)  # noqa: S102
        assert said.getvalue() == SAID
        # the last of those, remembered, is asked once
        assert (
            sum(it.document.get("action") == {"name": "read-activity"} for it in there.asked) == 2
        )
        for user, status in (("bob@acme.test", 200), ("eve@acme.test", 403), (None, 403)):
            headers = {"x-user": user} if user else {}
            with TestClient(namespace["app"]) as http:
                assert http.post("/domains/d1/sendings", headers=headers).status_code == status
            with TestClient(namespace["starlette_app"]) as http:
                assert http.get("/domains/d1/activity", headers=headers).status_code == status
            check_django(namespace["sendings"], user, status)
        namespace["guestlist"].close()
        namespace["quick"].close()


def check_django(view: Any, email: str | None, status: int) -> None:
    user = SimpleNamespace(email=email, is_authenticated=email is not None)
    request = SimpleNamespace(user=user)
    if status == 403:
        with pytest.raises(PermissionDenied):
            view(request, domain="d1")
    else:
        assert view(request, domain="d1").status_code == status

"""Forms are taken from our own pages: those of the public URL, however that was spelled."""

import pytest

from guestlist import settings
from tests.stand import Stand
from tests.visitors import Visitor

ORIGINS = {
    "https://people.acme.test:443": "https://people.acme.test",
    "HTTPS://People.Acme.test/": "https://people.acme.test",
    "https://bücher.test:8443": "https://xn--bcher-kva.test:8443",
    "http://LOCALHOST:80": "http://localhost",
    "http://[0:0::1]:8000/": "http://[::1]:8000",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("given", "origin"), ORIGINS.items())
def test_a_form_comes_from_the_origin_that_a_browser_names(
    database_url: str, given: str, origin: str
) -> None:
    public_url = settings.own_url(given, host="::", port=8000, insecure_http=False)
    assert public_url == origin
    with Stand(database_url, public_url=public_url) as stand:
        visitor = Visitor(stand)
        visitor.get("/forgotten")
        for sent, status in ((origin, 200), ("https://evil.test", 403), (f"{origin}1", 403)):
            visitor.post("/forgotten", email="eve@acme.test", headers={"origin": sent})
            assert visitor.page.status_code == status

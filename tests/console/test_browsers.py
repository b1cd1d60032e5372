import pytest

from guestlist import languages
from guestlist.console import browsers

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/140.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Firefox/140.0", "Firefox"),
        ("curl/8.14\r\n", "curl/8.14"),
        ("x" * 300, "x" * 59 + "…"),
        ("", "A browser without a name"),
    ],
)
def test_a_browser_is_called_as_people_call_it_else_by_its_own_words(agent: str, name: str) -> None:
    assert browsers.name(agent, languages.of("en")) == name

"""What a browser is called, from what it calls itself: a hint for its owner, and no proof."""

from guestlist.console.words import _
from guestlist.languages import Language

# The first that is found counts: most browsers name others too, and phones the systems of desks.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_MOST = 60


def name(agent: str, language: Language) -> str:
    """As in `Firefox on Linux`; an unknown one by its own words, cut short."""
    browser = _first(_BROWSERS, agent)
    system = _first(_SYSTEMS, agent)
    if browser and system:
        return language.say(_("%(browser)s on %(system)s"), browser=browser, system=system)
    words = " ".join(agent.split())
    short = words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"
    return browser or short or language.say(_("A browser without a name"))


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((called for mark, called in known if mark in agent), "")

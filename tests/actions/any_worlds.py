"""Worlds of every shape that the format allows, with every key said."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from hypothesis import strategies as st

from guestlist.domain import emails
from guestlist.domain.access import CUSTOM_USER
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.tokens import SCOPES

World = dict[str, Any]

ROLE_NAMES = [role.name for role in MAILERSEND.roles]
IDS = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=64)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50)
NAMES = TEXTS.filter(str.strip)
DATES = st.builds(
    "{:%Y-%m-%d}T{}Z".format,
    st.dates(date(1970, 1, 1), date(9999, 12, 31)),
    st.times().map(time.isoformat),
)
LOCAL_PARTS = st.from_regex(r"[a-z0-9!#+é-]{1,20}", fullmatch=True)


@st.composite
def grants(draw: st.DrawFn, world: World, roles: Sequence[str]) -> World:
    role = draw(st.sampled_from(roles))
    least = role == CUSTOM_USER
    permissions = draw(
        st.lists(st.sampled_from(sorted(MAILERSEND.names)), min_size=least, unique=True)
    )
    lists = {
        kind: draw(st.lists(st.sampled_from([t["id"] for t in world[kind]]), unique=True))
        if world[kind]
        else []
        for kind in ("domains", "templates")
    }
    flag = draw(st.booleans())
    return {
        "role": role,
        "permissions": permissions,
        **lists,
        "requires_periodic_password_change": flag,
        "created_at": draw(DATES),
        "updated_at": draw(DATES),
    }


@st.composite
def whole_accounts(draw: st.DrawFn) -> World:
    """An account with every key there is; its addresses lack their hosts."""
    world: World = {
        "name": draw(NAMES),
        "seats": draw(st.none() | st.integers(1, 10**9)),
        "url": draw(st.none() | st.just("https://app.acme.test/here?a=b")),
        "requires_second_factor": draw(st.booleans()),
        "password_days": draw(st.integers(1, 3650)),
        "created_at": draw(DATES),
    }
    ids = {kind: st.lists(IDS, max_size=3, unique=True) for kind in ("domains", "templates")}
    world["domains"] = [
        {
            "id": one,
            "name": f"{one[:60]}.test",
            "created_at": draw(DATES),
            "updated_at": draw(DATES),
        }
        for one in draw(ids["domains"])
    ]
    world["templates"] = [
        {
            "id": one,
            "name": draw(NAMES),
            "type": draw(st.sampled_from(["rt", "dd", "gh"])),
            "description": draw(st.none() | TEXTS),
            "created_at": draw(DATES),
        }
        for one in draw(ids["templates"])
    ]
    people = draw(
        st.lists(
            st.tuples(LOCAL_PARTS, IDS),
            min_size=1,
            max_size=6,
            unique_by=(lambda one: emails.key(f"{one[0]}@a.test"), lambda one: one[1]),
        )
    )
    users = draw(st.integers(1, len(people)))
    admin = draw(st.integers(0, users - 1))
    world["users"] = [
        {
            "id": one,
            "email": local,
            "name": draw(TEXTS),
            "last_name": draw(TEXTS),
            "avatar": draw(st.none() | st.just("https://pictures.test/a?b=c")),
            "2fa": draw(st.booleans()),
            "suspended_at": None if number == admin else draw(st.none() | DATES),
            **draw(grants(world, ["Admin"] if number == admin else ROLE_NAMES)),
        }
        for number, (local, one) in enumerate(people[:users])
    ]
    owner = world["users"][admin]["email"]
    world["invites"] = [
        {
            "id": one,
            "email": local,
            **draw(grants(world, ROLE_NAMES)),
            "expires_at": draw(DATES),
            "invited_by": draw(st.sampled_from([None, owner])),
        }
        for local, one in people[users:]
    ]
    world["tokens"] = [
        {
            "id": one,
            "name": draw(NAMES),
            "preview": draw(st.sampled_from(["", "mlsn.012345"])),
            "scopes": draw(st.lists(st.sampled_from(sorted(SCOPES)), unique=True)),
            "owner": owner,
            "domain": draw(st.sampled_from([None, *(d["id"] for d in world["domains"])])),
            "status": draw(st.sampled_from(["pause", "unpause"])),
            "created_at": draw(DATES),
            "expires_at": draw(st.none() | DATES),
        }
        for one in draw(
            st.lists(st.text("0123456789abcdef", min_size=1, max_size=80), max_size=3, unique=True)
        )
    ]
    return world

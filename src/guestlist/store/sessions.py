"""Sessions, and the one query that every page runs."""

from sqlalchemy import Select, bindparam, func, insert, select, update

from guestlist.domain.access import Actor
from guestlist.domain.people import Person
from guestlist.domain.sessions import Session, Stage
from guestlist.store import grants
from guestlist.store import people as store_people
from guestlist.store.database import Database, Transaction
from guestlist.store.schema import people, sessions, users
from guestlist.store.statements import Row, Statement

_COLUMNS = (
    sessions.c.key,
    sessions.c.person,
    sessions.c.account,
    sessions.c.stage,
    sessions.c.network,
    sessions.c.agent,
    sessions.c.totp_seed,
    sessions.c.created_at,
    sessions.c.seen_at,
    sessions.c.ended_at,
)
_NEW = ("sha256", "person", "account", "stage", "network", "agent", "created_at", "seen_at")
_SHA256 = sessions.c.sha256 == bindparam("sha256")
_OF_PERSON = sessions.c.person == bindparam("of_person")
_LIVE = sessions.c.ended_at.is_(None)


def _with_person() -> Select[tuple[object, ...]]:
    return (
        select(*_COLUMNS, *store_people.COLUMNS)
        .select_from(sessions.join(people, people.c.key == sessions.c.person))
        .where(_SHA256, _LIVE)
    )


_STANDING = Statement(_with_person())
_INSERT = Statement(insert(sessions).values({name: bindparam(name) for name in _NEW}))
_SEEN = Statement(
    update(sessions)
    .where(sessions.c.key == bindparam("the_key"))
    .values(seen_at=bindparam("now"), network=bindparam("from_network"))
)
# A change that began before a removal and ends behind it looks nowhere.
_WHERE_ACTIVE = (
    select(users.c.account)
    .where(
        users.c.person == bindparam("of_person"),
        users.c.account == bindparam("new_account"),
        users.c.suspended_at.is_(None),
    )
    .scalar_subquery()
)
_ROTATE = Statement(
    update(sessions)
    .where(
        sessions.c.key == bindparam("the_key"),
        _OF_PERSON,
        sessions.c.stage == bindparam("of_stage"),
        _LIVE,
    )
    .values(
        sha256=bindparam("new_sha256"),
        stage=Stage.WHOLE.value,
        account=_WHERE_ACTIVE,
        totp_seed=bindparam("no_seed"),
    )
    .returning(sessions.c.key)
)
_SEED = Statement(
    update(sessions)
    .where(sessions.c.key == bindparam("the_key"))
    .values(totp_seed=bindparam("seed"))
)
# Of two that finish one set-up at once, one takes the seed.
_TAKE_SEED = Statement(
    update(sessions)
    .where(sessions.c.key == bindparam("the_key"), _LIVE, sessions.c.totp_seed == bindparam("seed"))
    .values(totp_seed=bindparam("no_seed"))
    .returning(sessions.c.key)
)
_LIST = Statement(
    select(*_COLUMNS).where(_OF_PERSON, _LIVE).order_by(sessions.c.seen_at.desc()).limit(200)
)
_END = Statement(
    update(sessions)
    .where(_OF_PERSON, sessions.c.key == bindparam("the_key"), _LIVE)
    .values(ended_at=bindparam("now"))
    .returning(sessions.c.key)
)
_END_OTHERS = Statement(
    update(sessions)
    .where(_OF_PERSON, sessions.c.key != bindparam("but"), _LIVE)
    .values(ended_at=bindparam("now"))
    .returning(sessions.c.key)
)
_LEAVE = Statement(
    update(sessions)
    .where(
        sessions.c.person
        == select(users.c.person).where(users.c.key == bindparam("place")).scalar_subquery(),
        sessions.c.account == bindparam("of_account"),
    )
    .values(account=bindparam("nowhere"))
)
_IS_KNOWN = Statement(
    select(func.count()).where(
        _OF_PERSON,
        sessions.c.network == bindparam("network"),
        sessions.c.agent == bindparam("agent"),
        sessions.c.stage == Stage.WHOLE.value,
    )
)
_ACTOR = Statement(
    select(users.c.key, users.c.id, *grants.columns("users", users.c.key, users))
    .select_from(sessions.join(users, users.c.person == sessions.c.person))
    .where(
        sessions.c.key == bindparam("the_key"),
        _LIVE,
        sessions.c.stage == Stage.WHOLE.value,
        users.c.account == bindparam("of_account"),
        users.c.suspended_at.is_(None),
    )
)


def _session(row: Row) -> Session:
    key, person, account, stage, *rest = row
    return Session(key, person, account, Stage(stage), *rest)


def standing(source: Database | Transaction, sha256: bytes) -> tuple[Session, Person] | None:
    """The session of a secret and whose it is, ended ones left out; the clock is the caller's."""
    row = source.one(_STANDING, sha256=sha256)
    if row is None:
        return None
    count = len(_COLUMNS)
    return _session(row[:count]), store_people.person(row[count:])


def actor(transaction: Transaction, key: int, account: int) -> Actor | None:
    """The power a session's person has in an account at this moment; a suspended one has none."""
    row = transaction.one(_ACTOR, the_key=key, of_account=account)
    return None if row is None else Actor(grants.read(row[2:]), row[0], row[1])


def add(
    transaction: Transaction,
    *,
    sha256: bytes,
    person: int,
    account: int | None,
    stage: Stage,
    network: str,
    agent: str,
    now: int,
) -> None:
    transaction.run(
        _INSERT,
        sha256=sha256,
        person=person,
        account=account,
        stage=stage.value,
        network=network,
        agent=agent,
        created_at=now,
        seen_at=now,
    )


def seen(transaction: Transaction, marks: dict[int, tuple[int, str]]) -> None:
    """When sessions were last used and from which network, by their keys."""
    # In one order, so that two processes that keep the same marks wait and do not deadlock.
    transaction.many(
        _SEEN,
        [
            {"the_key": key, "now": now, "from_network": network}
            for key, (now, network) in sorted(marks.items())
        ],
    )


def rotate(
    transaction: Transaction,
    session: Session,
    *,
    person: int,
    stage: Stage,
    sha256: bytes,
    account: int | None,
) -> bool:
    """Gives a person's session another secret; it is whole then.

    It looks at `account` if the person has power there, which that account's lock decides. False
    where it ended meanwhile, is somebody else's, or is not at `stage`.
    """
    row = transaction.one(
        _ROTATE,
        the_key=session.key,
        of_person=person,
        of_stage=stage.value,
        new_sha256=sha256,
        new_account=account,
        no_seed=None,
    )
    return row is not None


def keep_seed(transaction: Transaction, session: Session, seed: bytes) -> None:
    """The sealed seed of an authenticator that is being set up."""
    transaction.run(_SEED, the_key=session.key, seed=seed)


def take_seed(transaction: Transaction, session: Session) -> bool:
    """Whether the set-up that a session was in had not ended; now it did."""
    row = transaction.one(_TAKE_SEED, the_key=session.key, seed=session.totp_seed, no_seed=None)
    return row is not None


def of_person(transaction: Transaction, person: int) -> list[Session]:
    """Those not ended, the last used first, at most 200."""
    return [_session(row) for row in transaction.all(_LIST, of_person=person)]


def end(transaction: Transaction, person: int, key: int, *, now: int) -> bool:
    return transaction.one(_END, of_person=person, the_key=key, now=now) is not None


def end_others(transaction: Transaction, person: int, *, but: int = 0, now: int) -> int:
    """Ends all sessions of a person but one; how many that were."""
    return len(transaction.all(_END_OTHERS, of_person=person, but=but, now=now))


def leave(transaction: Transaction, account: int, user: int) -> None:
    """The sessions of a user of the account look at it no longer."""
    transaction.run(_LEAVE, place=user, of_account=account, nowhere=None)


def is_known(transaction: Transaction, person: int, *, network: str, agent: str) -> bool:
    """Whether the person signed in from there, with that browser, before."""
    row = transaction.only(_IS_KNOWN, of_person=person, network=network, agent=agent)
    return bool(row[0])

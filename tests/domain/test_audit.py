"""A chain of entries: whatever is done to one that was written is found."""

from dataclasses import fields, replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import audit
from guestlist.domain.audit import Broken, Cause, Checkpoint, Entry, Flaw, Link, Told

ACCOUNT = "acc0unt000000000"
SUBJECTS = ("user:u1", "invitation:i1", "token:t1", "account:a1")
PERSONAL = {"email": "eve@acme.test", "name": "Eve", "last_name": "Quimby"}

sides = st.none() | st.fixed_dictionaries(
    {"role": st.sampled_from(["Admin", "Designer"])},
    optional={"email": st.just("eve@acme.test"), "name": st.text(min_size=1), "avatar": st.none()},
)
told = st.builds(
    Told,
    at=st.integers(0, 2**50),
    cause=st.builds(Cause, st.text(max_size=5), st.none() | st.just("192.0.2.1")),
    actor=st.sampled_from(["operator", "user:u1", "user:u1 token:t1"]),
    action=st.sampled_from(["user.update", "invitation.create"]),
    subject=st.sampled_from(SUBJECTS),
    before=sides,
    after=sides,
)
stories = st.lists(told, min_size=1, max_size=6)


def chance(size: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(size))


def chained(story: list[Told], account: str = ACCOUNT) -> tuple[list[Entry], Link]:
    return audit.chained(story, account, Link(), chance(len(story) * audit.RANDOM_BYTES))


def follow(entries: list[Entry], head: Link, account: str = ACCOUNT) -> None:
    """As verifying does. Raises Broken."""
    end = reduce(lambda link, entry: audit.follow(link, entry, account), entries, Link())
    if end != head:
        raise Broken(end.sequence, Flaw.HEAD)


def damaged(entries: list[Entry], data: st.DataObject) -> list[Entry]:
    """With one thing done to one entry that makes it another."""
    number = data.draw(st.integers(0, len(entries) - 1))
    entry, rest = entries[number], entries[:number] + entries[number + 1 :]
    what = data.draw(st.sampled_from(["edit", "delete", "repeat", "insert", "swap"]))
    if what == "delete":
        return rest
    if what == "repeat":
        return [*entries[: number + 1], *entries[number:]]
    if what == "insert":
        made, _ = chained([Told(0, Cause(""), "operator", "user.update", "user:u9")])
        return [*entries[:number], replace(made[0], sequence=number + 1), *entries[number:]]
    if what == "swap" and len(entries) > 1:
        other = data.draw(st.integers(0, len(entries) - 1).filter(lambda n: n != number))
        changed = list(entries)
        changed[number] = replace(entries[other], sequence=number + 1)
        changed[other] = replace(entry, sequence=other + 1)
        return changed
    return [*entries[:number], edited(entry, data), *entries[number + 1 :]]


def edited(entry: Entry, data: st.DataObject) -> Entry:
    """One bit of one column is another; only erasing what can be erased is left out."""
    there = [field.name for field in fields(Entry) if getattr(entry, field.name) not in (None, "")]
    name = data.draw(st.sampled_from(there))
    value: Any = getattr(entry, name)
    if isinstance(value, int):
        moved: Any = value + data.draw(st.sampled_from([1, -1, 2**40]))
        return replace(entry, **{name: moved})
    at = data.draw(st.integers(0, len(value) - 1))
    if isinstance(value, bytes):
        other: Any = bytes([value[at] ^ 1])
    else:
        other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != value[at]))
    return replace(entry, **{name: value[:at] + other + value[at + 1 :]})


@given(stories)
def test_what_was_written_is_whole_and_says_what_was_told(story: list[Told]) -> None:
    entries, head = chained(story)
    follow(entries, head)
    for entry, one in zip(entries, story, strict=True):
        assert audit.sides(entry) == (one.before, one.after)
        assert audit.network(entry) == one.cause.origin


@given(stories, st.data())
def test_one_thing_done_to_one_entry_is_found(story: list[Told], data: st.DataObject) -> None:
    entries, head = chained(story)
    with pytest.raises(Broken):
        follow(damaged(entries, data), head)


@given(stories)
def test_no_other_accounts_entries_pass_for_ones_own(story: list[Told]) -> None:
    entries, head = chained(story)
    with pytest.raises(Broken):
        follow(entries, head, "another")


@given(stories)
def test_who_somebody_is_can_be_erased_and_all_is_whole(story: list[Told]) -> None:
    entries, head = chained(story)
    erased = [replace(entry, personal=None, origin=None) for entry in entries]
    follow(erased, head)
    for entry, one in zip(erased, story, strict=True):
        is_of_people = one.subject.startswith(("user:", "invitation:"))
        assert ("eve@" in f"{entry}") <= (not is_of_people)
        assert audit.network(entry) == (audit.ERASED if one.cause.origin else None)


def test_only_of_people_is_anything_kept_beside_the_chain() -> None:
    for subject in SUBJECTS:
        [entry], _ = chained([Told(0, Cause("r"), "operator", "x", subject, after=PERSONAL)])
        is_of_people = subject.startswith(("user:", "invitation:"))
        assert (entry.personal is not None) == is_of_people
        assert ("Quimby" in (entry.after or "")) == (not is_of_people)
        assert audit.sides(entry)[1] == PERSONAL


def test_the_same_told_twice_has_other_digests() -> None:
    """Else one could see whether two entries are of the same person, or try addresses out."""
    one = Told(0, Cause("r", "192.0.2.1"), "operator", "x", "user:u1", after=PERSONAL)
    first, second = chained([one, one])[0]
    assert first.personal_digest != second.personal_digest
    assert first.origin_digest != second.origin_digest


def test_entries_of_before_stand_only_before() -> None:
    entries, _ = chained([Told(n, Cause("r"), "operator", "x", "token:t1") for n in range(3)])
    old = [replace(entry, hash=None) for entry in entries[:2]]
    assert reduce(lambda link, e: audit.follow(link, e, ACCOUNT), old, Link()) == Link(2)
    assert Checkpoint(1, b"", b"", 0).link == audit.follow(Link(), old[0], ACCOUNT)
    link = audit.follow(Link(), entries[0], ACCOUNT)
    with pytest.raises(Broken):
        audit.follow(link, replace(entries[1], hash=None), ACCOUNT)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"salt":1}', '{"salt":"zz"}', '"x"'])
def test_what_is_no_personal_data_is_found(text: str) -> None:
    [entry], _ = chained([Told(0, Cause("r"), "operator", "x", "user:u1", after=PERSONAL)])
    spoiled = replace(entry, personal=text)
    with pytest.raises(Broken) as broken:
        audit.check_personal(spoiled)
    assert broken.value.flaw == Flaw.PERSONAL
    assert audit.sides(spoiled)[1] == dict.fromkeys(PERSONAL, audit.ERASED)

"""A refusal says in its own words what was refused; doors may word it otherwise."""

from guestlist.domain.refusals import (
    BrokenFile,
    Fault,
    Invalid,
    Refusal,
    Rule,
    Unavailable,
    Unreachable,
)


def test_refusals_tell_where_and_what() -> None:
    faults = [Fault("role", Rule.REQUIRED), Fault("domains.0", Rule.SELECTED)]
    assert str(Invalid(faults)) == "role: must be required; domains.0: must be one of the known"
    assert Invalid(faults).faults == tuple(faults)
    broken = BrokenFile([("accounts[0].name", "is required"), ("", "must be an object")])
    assert str(broken) == "accounts[0].name: is required; : must be an object"


def test_a_database_out_of_reach_is_one_that_is_unavailable() -> None:
    refusal = Unreachable("sqlite:///x.db")
    assert isinstance(refusal, Unavailable)
    assert "sqlite:///x.db" in str(refusal)
    assert issubclass(Unavailable, Refusal)

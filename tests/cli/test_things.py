"""Domains and templates are added, listed and removed; removed ones fall out of grants."""

import pytest

from tests.cli.terminal import Terminal


def test_a_domain_comes_and_goes(acme: Terminal) -> None:
    added = acme.json("domains", "add", "mail.acme.test")
    assert list(added) == ["id", "name", "created_at", "updated_at"]
    assert acme.json("domains", "list") == [added]
    assert acme.rows("domains", "list")[1][:2] == [added["id"], "mail.acme.test"]
    invited = ("--role", "Manager", "--domain", "mail.acme.test")
    acme.run("users", "invite", "bo@acme.test", *invited)
    acme.run("domains", "remove", "Mail.acme.test")
    assert acme.json("domains", "list") == []
    assert acme.json("invites", "show", "bo@acme.test")["data"] is None


def test_a_template_comes_and_goes(acme: Terminal) -> None:
    described = ("--type", "dd", "--description", "After each purchase")
    added = acme.json("templates", "add", "Receipt", *described)
    assert list(added) == ["id", "name", "description", "type", "created_at"]
    assert (added["type"], added["description"]) == ("dd", "After each purchase")
    assert acme.json("templates", "list") == [added]
    acme.run("templates", "remove", added["id"])
    assert acme.rows("templates", "list") == [["ID", "NAME", "TYPE", "ADDED"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("domains", "add", "a b"), "The name is not a host name, as in mail.acme.test."),
        (("domains", "add", "mail.acme.test"), "The name is in use already."),
        (("domains", "add", "Mail.ACME.test"), "The name is in use already."),
        (("domains", "remove", "x"), "The account Acme has no domain x."),
        (("templates", "add", " "), "The name must be given."),
        (("templates", "add", "a" * 256), "The name has more than 255 characters."),
        (("templates", "add", "a", "--type", ""), "The type must be given."),
        (("templates", "remove", "x"), "The account Acme has no template x."),
    ],
)
def test_what_breaks_a_rule_is_refused(
    acme: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    acme.run("domains", "add", "mail.acme.test")
    assert acme.refused(*arguments) == said
    assert len(acme.json("domains", "list") + acme.json("templates", "list")) == 1

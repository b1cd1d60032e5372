"""Every command, option, variable and key of the import format has its place in the reference."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from guestlist.cli.commands import DEBUG_VARIABLE
from guestlist.cli.main import app
from guestlist.domain import vocabularies
from guestlist.domain.mailersend import MAILERSEND
from guestlist.domain.worlds import accounts, things, tokens, users
from guestlist.settings import KEY_VARIABLE, SMTP_PASSWORD_VARIABLE

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def sections(page: str) -> dict[str, str]:
    """What stands under each heading of the second level."""
    parts = re.split(r"^## (.+)$", (REFERENCE / page).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        else:
            yield " ".join((*names, name)), command


def test_every_command_has_its_heading_and_no_other_has() -> None:
    named = {f"guestlist {name}" for name, _ in commands(get_command(app))}
    assert sections("cli.md").keys() == named


def test_every_setting_has_its_heading_with_option_and_variable() -> None:
    found = sections("settings.md")
    [serve] = [command for name, command in commands(get_command(app)) if name == "serve"]
    options = [option for option in serve.params if option.name != "help"]
    variables = {KEY_VARIABLE, SMTP_PASSWORD_VARIABLE, DEBUG_VARIABLE}
    assert found.keys() == {option.opts[0] for option in options} | variables
    for option in options:
        assert found[option.opts[0]].strip().startswith(f"`GUESTLIST_{option.name.upper()}`")
        if option.default not in (None, False, ""):
            assert f"Default: `{option.default}`" in found[option.opts[0]]


def described(section: str) -> list[str]:
    """The keys in the first column of its tables."""
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    return sorted(re.findall(r"`(\w+)`", " ".join(rows)))


def test_every_key_of_the_import_format_is_described() -> None:
    found = sections("import-format.md")
    known = {
        "accounts": accounts.KEYS,
        "domains": things.DOMAIN_KEYS,
        "templates": things.TEMPLATE_KEYS,
        "users": users.USER_KEYS,
        "invites": users.INVITE_KEYS,
        "tokens": tokens.KEYS,
    }
    for noun, keys in known.items():
        assert described(found[noun]) == sorted(keys), noun


def test_the_example_of_the_import_format_is_a_world() -> None:
    page = (REFERENCE / "import-format.md").read_text()
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert len(accounts.read(json.loads(example), MAILERSEND)) == 1


def test_every_key_of_a_vocabulary_is_described() -> None:
    found = sections("catalog.md")
    assert found.keys() == vocabularies.KEYS | {"Changing it"}
    of_groups = [*vocabularies.GROUP_KEYS, *vocabularies.PERMISSION_KEYS]
    assert described(found["resource_types"]) == sorted(vocabularies.RESOURCE_TYPE_KEYS)
    assert described(found["groups"]) == sorted(of_groups)
    assert described(found["roles"]) == sorted(vocabularies.ROLE_KEYS)
    for base in vocabularies.BASES:
        assert f"`{base}`" in found["base"]


def test_the_example_of_a_vocabulary_is_one() -> None:
    page = (REFERENCE / "catalog.md").read_text()
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    document = tomllib.loads(example)
    assert document.keys() == vocabularies.KEYS  # it shows each of them
    found = vocabularies.read(document)
    assert len(found.permissions) == len(MAILERSEND.permissions) + 2
    [lead] = [role for role in found.roles if role not in MAILERSEND.roles]
    assert (lead.name, lead.manages_users, lead.is_narrowed) == ("Domain Lead", True, True)

"""docs/roles.md says who may do what, action by action, as the tables of the apps do."""

import re

import pytest
from django.utils import translation

from taskforce.accounts import rights, rules
from taskforce.accounts.enums import Role
from taskforce.accounts.rights import Right
from tests.architecture.rules import ROOT


def answer(right: Right, role: Role) -> str:
    """The cell of a role beside an action."""
    if role in right.roles:
        return "yes"
    return "appoints" if role in right.appointed_by & rules.APPOINTERS else "–"


def tables() -> str:
    """One for each app, as the page "Who may do what" has them in English."""
    lines: list[str] = []
    with translation.override("en"):
        heads = [str(role.label) for role in Role]
        for app in rights.apps().values():
            lines += [f"## {app.title}", "", f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
            for right in app.table.values():
                lines.append(f"| {right.words} | {' | '.join(answer(right, role) for role in Role)} |")
            lines.append("")
    return "\n".join(lines).rstrip()


def differs(page: str) -> bool:
    """Whether what stands from the first heading of an app on is not what the tables say."""
    return page[page.index("\n## ") :].strip() != tables()


def test_the_page_of_roles_says_what_the_rules_do() -> None:
    page = (ROOT / "docs" / "roles.md").read_text("utf-8")
    wrong = differs(page)
    assert not wrong, f"put this below the first lines of docs/roles.md:\n\n{tables()}"
    assert differs(page.replace("| yes |", "| – |", 1))


@pytest.mark.parametrize("role", Role)
def test_the_page_for_coordinators_has_a_row_for_each_role(role: Role) -> None:
    page = (ROOT / "docs" / "coordination.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", page[: page.index("## People and roles")], re.M)
    names = {name for row in rows for name in row.split(", ")}
    assert role.value.replace("-", " ") in names

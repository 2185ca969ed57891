"""The rule that who may do what stands in the apps' `rules.py`, in one table each, and nowhere else."""

import ast
import re

from taskforce.accounts.enums import Role
from tests.architecture.reading import calls, last, nodes, parsed, strings, uses

# The roles themselves, the tables, what tells people who sees what is kept of them, and the invented who hold roles.
_MAY_NAME = re.compile(
    r"(^|/)accounts/enums\.py$|(^|/)\w*rules\.py$|(^|/)personal_data\.py$"
    r"|^taskforce/portal/(demo/cast\.py$|scenarios/)"
)
_MEMBER = re.compile(rf"\bRole\.({'|'.join(Role.__members__)})$")
_CODES = set(Role.values)
_ASKS = {"holds", "filter", "exclude", "get"}


def role_outside_rules(path: str, text: str) -> list[str]:
    """No role is named outside the tables: no member, no set of staff roles, no code where one asks for it."""
    if _MAY_NAME.search(path):
        return []
    tree = parsed(text)
    found = [
        (line, f"names {last(name)}") for line, name in uses(tree) if _MEMBER.search(name) or "STAFF_ROLES" in name
    ]
    found += [
        (node.lineno, "compares with the code of a role")
        for node in nodes(tree)
        if isinstance(node, ast.Compare | ast.Set) and strings(node) & _CODES
    ]
    found += [(node.lineno, f"asks {last(name)}") for node, name in calls(tree) if _asks_for_a_role(node, last(name))]
    return [f"{path}:{line} {what}" for line, what in found]


def _asks_for_a_role(call: ast.Call, name: str) -> bool:
    """Whether a call looks for a role by its code; a list of them counts too."""
    return name in _ASKS and bool(strings(*call.args, *(keyword.value for keyword in call.keywords)) & _CODES)

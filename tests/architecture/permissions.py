"""Who may do what stands in the `rules.py` of the apps, in tables, and nowhere else; pages are walked as every role."""

import ast
import re
from collections.abc import Iterable

from taskforce.accounts.enums import Role
from taskforce.portal.demo.cast import BY_KEY
from tests.architecture.reading import calls, last, nodes, parsed, strings, uses

# The roles themselves, the tables, what tells people who sees what is kept of them, and the invented who hold roles.
_MAY_NAME = re.compile(
    r"(^|/)accounts/enums\.py$|(^|/)\w*rules\.py$|(^|/)personal_data(/\w+)?\.py$"
    r"|^taskforce/portal/(demo/cast\.py$|scenarios/)"
)
_MEMBER = re.compile(rf"\bRole\.({'|'.join(Role.__members__)})$")
_CODES = set(Role.values)
REMEDY = "somebody of taskforce/portal/demo/cast.py in ROLES of tests/architecture/table.py (docs/house.md, *a role*)"
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


def roles_left_out(walked: Iterable[str], staff: Iterable[str]) -> list[str]:
    """Roles that none of the people is in as whom every address is walked; people who are staff there and not here."""
    people = {key: BY_KEY[key] for key in walked if key in BY_KEY}
    held = {person.role for person in people.values()}
    found = [f"nobody is {role}: {REMEDY}" for role in Role if role not in held]
    odd = {key for key, person in people.items() if person.is_staff} ^ set(staff)
    return found + [f"{key} is staff in one of STAFF and STAFF_ROLES only" for key in sorted(odd)]

"""The people of the demo: invented, and recognisably so. CONTRACT: Scenarios lists their addresses."""

from typing import NamedTuple

from django.utils.translation import gettext

from taskforce.accounts.enums import STAFF_ROLES, Role

DOMAIN = "demo.example"
PASSWORD = "demo"  # noqa: S105 - printed by make run; the demo lets everybody be anybody

# The second step of all staff: the key for an app (base32), and what their recovery codes are made from.
APP_KEY = "DEMO" * 8
RECOVERY_SEED = "demo"

# Held for every task force, whichever comes later; all other roles are held for the one of the scenario.
EVERYWHERE = frozenset({Role.ADMINISTRATOR, Role.DATA_OFFICER})


class Person(NamedTuple):
    """The part before the @, the name shown, the role (None: a community member), language, languages of the role."""

    key: str
    name: str
    role: Role | None
    language: str = "en"
    role_languages: tuple[str, ...] = ("",)

    @property
    def email(self) -> str:
        """The address, in a domain that can never receive mail."""
        return f"{self.key}@{DOMAIN}"

    @property
    def is_staff(self) -> bool:
        """Whether the role works on the staff side."""
        return self.role in STAFF_ROLES

    @property
    def role_label(self) -> str:
        """The role in the active language."""
        return str(self.role.label) if self.role else gettext("community member")

    @property
    def label(self) -> str:
        """Name and role, in the active language, for lists of people."""
        return f"{self.name} – {self.role_label}"


CAST = (
    Person("coordinator", "Cora Demo", Role.COORDINATOR),
    Person("deputy", "Dele Demo", Role.DEPUTY),
    Person("reviewer1", "Rana Demo", Role.REVIEWER),
    Person("reviewer2", "Rafi Demo", Role.REVIEWER),
    Person("reviewer3", "Rosa Demo", Role.REVIEWER, "es"),
    Person("reviewer4", "Ren Demo", Role.REVIEWER, "ja"),
    Person("reviewer5", "Ruth Demo", Role.REVIEWER, "de"),
    Person("reviewer6", "Reza Demo", Role.REVIEWER),
    Person("translator", "Tian Demo", Role.TRANSLATOR, "zh-hant", ("zh-hant", "ar")),
    Person("facilitator", "Fatima Demo", Role.FACILITATOR, "ar", ("zh-hant", "ar")),
    Person("moderator", "Momo Demo", Role.MODERATOR),
    Person("privacy", "Priya Demo", Role.DATA_OFFICER),
    Person("observer", "Omar Demo", Role.OBSERVER),
    Person("admin", "Aida Demo", Role.ADMINISTRATOR),
    Person("member", "Mei Demo", None, "zh-hant"),
    Person("applicant", "Amani Demo", None),
)
BY_KEY = {person.key: person for person in CAST}

"""Who gets which status at which address: the table of the page walk, and the beginning of the access matrix.

The world is the scenario `announced`. A role that a row does not name gets the row's `everybody`.
"""

from dataclasses import dataclass, field

ROLES = (
    "anonymous",
    "coordinator",
    "deputy",
    "reviewer1",
    "translator",
    "facilitator",
    "moderator",
    "privacy",
    "observer",
    "admin",
    "member",
    "applicant",
)
STAFF = ("coordinator", "deputy", "reviewer1", "moderator", "privacy", "observer", "admin")
OUTSIDE = tuple(role for role in ROLES if role not in STAFF)


@dataclass(frozen=True)
class Row:
    """A path under the language (or from the root if it starts with /), the status for everybody, exceptions."""

    path: str
    everybody: int = 200
    exceptions: dict[str, int] = field(default_factory=dict)
    is_page: bool = True

    def expected(self, role: str) -> int:
        """The status for a role."""
        return self.exceptions.get(role, self.everybody)


def staff_page(path: str, *roles: str, told_why: tuple[str, ...] = ()) -> Row:
    """A page of ours in the admin: 200 for these roles, sign-in for those outside, not there for other staff.

    Staff in `told_why` see the object but may not do this to it: 403 with the reason.
    """
    return Row(path, 404, {**dict.fromkeys(OUTSIDE, 302), **dict.fromkeys(roles, 200), **dict.fromkeys(told_why, 403)})


TF = "tf/leadership-development/"
TABLE: dict[str, Row] = {
    "root": Row("/", 302, is_page=False),
    "healthz": Row("/healthz", is_page=False),
    "readyz": Row("/readyz", is_page=False),
    "favicon": Row("/favicon.ico", 302, is_page=False),
    "demo_clock": Row("/demo/clock/"),
    "demo_as": Row("/demo/as/member/"),
    "demo_mailbox": Row("/demo/mail/"),
    "demo_mail": Row("/demo/mail/{mail}/"),
    "demo_mailbox_json": Row("/demo/mail.json", is_page=False),
    "home": Row(""),
    "task_force": Row(TF),
    "process": Row(f"{TF}process/"),
    "proposals:text": Row(f"{TF}proposals/proposal/"),
    "proposals:revision": Row(f"{TF}proposals/proposal/r/1/"),
    "proposals:history": Row(f"{TF}proposals/proposal/history/"),
    "feedback:window": Row(f"{TF}feedback/responsibilities/"),
    "feedback:mine": Row(f"{TF}feedback/responsibilities/mine/{{token}}/"),
    "feedback:withdraw": Row(f"{TF}feedback/responsibilities/mine/{{token}}/withdraw/"),
    "recruitment:call": Row(f"{TF}join/"),
    "recruitment:application": Row(f"{TF}join/application/", 200, {"anonymous": 302}),
    "announcements:members": Row(f"{TF}members/"),
    "announcements:news": Row(f"{TF}news/"),
    "announcements:item": Row(f"{TF}news/members-announced/"),
    "admin:timeline_phase_extend": staff_page(
        "admin/timeline/phase/{phase}/extend/", "coordinator", "deputy", "admin", told_why=("observer",)
    ),
    "admin:announcements_announcement_preview": staff_page(
        "admin/announcements/announcement/{draft}/preview/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:announcements_announcement_publish": staff_page(
        "admin/announcements/announcement/{draft}/publish/", "coordinator", "deputy", "admin", told_why=("observer",)
    ),
    "admin:recruitment_application_review": staff_page(
        "admin/recruitment/application/{application}/review/", "reviewer1", "coordinator", "deputy"
    ),
    "admin:recruitment_call_decisions": staff_page("admin/recruitment/call/{call}/decisions/", "coordinator", "deputy"),
    "admin:recruitment_call_release": staff_page("admin/recruitment/call/{call}/release/", "coordinator", "deputy"),
    "admin:feedback_feedbackitem_decide": staff_page(
        "admin/feedback/feedbackitem/{item}/decide/", "coordinator", "deputy", "moderator", "admin"
    ),
}

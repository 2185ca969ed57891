"""Who gets which status at which address: the table of the page walk and of the access matrix.

The world is the scenario `announced`. A role that a row does not name gets the row's `everybody`. What a row says of
other states of what it is about, and of what is posted, is checked by `test_access_matrix.py`.
"""

from dataclasses import dataclass, field
from typing import Any

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
# The state of a row that belongs to another task force, where of our roles only these are held.
ELSEWHERE = "elsewhere"
_EVERYWHERE = ("admin", "privacy")


def _is_of_staff(path: str) -> bool:
    return path.startswith("admin/")


@dataclass(frozen=True)
class Row:
    """A path under the language (or from the root if it starts with /), the status for everybody, exceptions.

    `states`: in which states of its object whoever would get 200 gets this status (and staff who would get a reason,
    if it is 404); "state role" is for this role alone, whatever it would get.
    `post`: the answer to an empty form for whoever gets a page there (or the redirect that everybody gets), and
    `writes`, whether that changes anything; `post_by` and `post_in` name roles and states ("state" or "state role")
    with another one. Whoever
    gets no page is answered the same to a POST, and changes nothing.
    """

    path: str
    everybody: int = 200
    exceptions: dict[str, int] = field(default_factory=dict)
    is_page: bool = True
    states: dict[str, int] = field(default_factory=dict)
    post: int | None = None
    # Under "everybody": to whoever it is, where nothing but reading is understood.
    post_by: dict[str, int] = field(default_factory=dict)
    post_in: dict[str, int] = field(default_factory=dict)
    writes: bool = False

    def expected(self, role: str, state: str = "") -> int:
        """The status for a role, where the object is in a state ("": its usual one)."""
        usual = self.exceptions.get(role, self.everybody)
        if f"{state} {role}" in self.states:
            return self.states[f"{state} {role}"]
        changed = self.states.get(state)
        is_told = role in STAFF and role in self.exceptions
        if changed is not None and (usual == 200 or (changed == 404 and is_told)):
            return changed
        if state == ELSEWHERE and role in STAFF and role not in _EVERYWHERE:
            return self.everybody
        return usual

    def expected_by_post(self, role: str, state: str = "") -> int | None:
        """The status for a role that sends an empty form there; None: whatever is no error of ours."""
        if "everybody" in self.post_by:
            return self.post_by["everybody"]
        usual, read = self.exceptions.get(role, self.everybody), self.expected(role, state)
        if f"{state} {role}" in self.post_in:
            return self.post_in[f"{state} {role}"]
        if (
            state in self.post_in
            and usual == 200
            and (state != ELSEWHERE or read == 200 or not _is_of_staff(self.path))
        ):
            return self.post_in[state]
        if role in self.post_by and read == usual:
            return self.post_by[role]
        is_for_all = role not in self.exceptions and read == self.everybody == 302
        return self.post if read == 200 or is_for_all else read


def staff_page(
    path: str,
    *roles: str,
    told_why: tuple[str, ...] = (),
    led_on: tuple[str, ...] = (),
    post: int | None = 200,
    **more: Any,
) -> Row:
    """A page of ours in the admin: 200 for these roles, sign-in for those outside, not there for other staff.

    Staff in `told_why` see the object but may not do this to it: 403 with the reason. `led_on`: to another page.
    """
    answers = ((OUTSIDE, 302), (roles, 200), (told_why, 403), (led_on, 302))
    return Row(path, 404, {role: status for some, status in answers for role in some}, post=post, **more)


def staff_list(path: str, *roles: str, **more: Any) -> Row:
    """A list in the admin: 200 for these roles, sign-in for those outside, 403 for other staff."""
    return staff_page(path, *roles, told_why=tuple(role for role in STAFF if role not in roles), **more)


def no_page(path: str) -> Row:
    """A page of the admin that nobody has: sign-in for those outside, not there for staff, whoever they are."""
    return Row(path, 404, dict.fromkeys(OUTSIDE, 302))


def editors_page(path: str, *, post: int | None = 200, **more: Any) -> Row:
    """A page for who changes texts: 200 for these roles, sign-in for visitors, not there for anybody else."""
    answers = {"anonymous": 302, **dict.fromkeys(("coordinator", "deputy", "admin"), 200)}
    return Row(path, 404, answers, post=post, **more)


def entering_page(path: str, **more: Any) -> Row:
    """A page for who enters what was said elsewhere: 200 for these, sign-in for visitors, not there for others."""
    answers = {"anonymous": 302, **dict.fromkeys(("coordinator", "deputy", "admin", "facilitator"), 200)}
    return Row(path, 404, answers, post=200, **more)


def own_page(path: str, *roles: str, **more: Any) -> Row:
    """A page of one's own account: 200 for these roles, for others on to another page; visitors sign in first."""
    return Row(path, 302, dict.fromkeys(roles, 200), **more)


MEMBERS = tuple(role for role in OUTSIDE if role != "anonymous")
TF = "tf/leadership-development/"
# Who translates, and who leads those who do; visitors sign in first.
_TRANSLATING = {"anonymous": 302} | dict.fromkeys(("coordinator", "deputy", "admin", "translator"), 200)
# What one facilitator has entered, and nobody else.
_FACILITATING = {"anonymous": 302, "facilitator": 200}
_SAID_AGAIN = {**_TRANSLATING, "facilitator": 200}
# What everybody could read once leads to what is said of it now; of what nobody could, nobody learns.
_ONLY_WHERE_IT_STANDS = {
    **dict.fromkeys(("hidden", "withdrawn", "held-again"), 303), **dict.fromkeys(("held", "staff", ELSEWHERE), 404),
}  # fmt: skip
# Visitors are not sent to sign in for what does not stand.
_ALSO_FOR_VISITORS = _ONLY_WHERE_IT_STANDS | {
    f"{state} anonymous": status for state, status in _ONLY_WHERE_IT_STANDS.items()
}
_ONLY_READ: dict[str, Any] = {"post": 405, "post_by": {"everybody": 405}}

TABLE: dict[str, Row] = {
    "root": Row("/", 302, is_page=False),
    "healthz": Row("/healthz", is_page=False),
    "readyz": Row("/readyz", is_page=False),
    "favicon": Row("/favicon.ico", 302, is_page=False),
    "phases_json": Row("/open-data/leadership-development/phases.json", is_page=False),
    "phases_csv": Row("/open-data/leadership-development/phases.csv", is_page=False),
    "feedback_json": Row("/open-data/leadership-development/feedback.json", is_page=False),
    "feedback_csv": Row("/open-data/leadership-development/feedback.csv", is_page=False),
    "hidden_json": Row("/open-data/leadership-development/hidden.json", is_page=False),
    "hidden_csv": Row("/open-data/leadership-development/hidden.csv", is_page=False),
    "summaries_json": Row("/open-data/leadership-development/summaries.json", is_page=False),
    "summaries_csv": Row("/open-data/leadership-development/summaries.csv", is_page=False),
    "demo_clock": Row("/demo/clock/", post=400),
    "demo_as": Row("/demo/as/member/", post=302),
    "demo_mailbox": Row("/demo/mail/"),
    "demo_mail": Row("/demo/mail/{mail}/"),
    "demo_mailbox_json": Row("/demo/mail.json", is_page=False),
    "home": Row(""),
    "privacy": Row("privacy/"),
    "unsubscribe": Row("/unsubscribe/{leave}/", 302, is_page=False, post=200, writes=True),
    "subscriptions:overview": Row("subscriptions/", post=400, post_by={"anonymous": 303}),
    # Who follows already chooses on the page of all that they follow.
    "subscriptions:follow": Row(
        "subscriptions/leadership-development/", 200, {"member": 302}, post=200, post_by={"member": 200}
    ),
    "subscriptions:sent": Row("subscriptions/sent/leadership-development/"),
    "subscriptions:confirm": Row("subscriptions/confirm/{ask}/", post=303, writes=True),
    "subscriptions:manage": Row("subscriptions/manage/{choose}/", post=303, writes=True),
    "subscriptions:leave": Row("subscriptions/leave/{leave}/", post=303, writes=True),
    "account_data": Row("accounts/data/", 200, {"anonymous": 302}, post=200, writes=True),
    "account_deletion": Row("accounts/deletion/", 200, {"anonymous": 302}, post=303, writes=True),
    "mfa_index": own_page("accounts/2fa/", *STAFF, *MEMBERS),
    # Of those in the table only staff have a second step.
    "mfa_activate_totp": own_page("accounts/2fa/totp/activate/", *MEMBERS),
    "mfa_deactivate_totp": own_page("accounts/2fa/totp/deactivate/", *STAFF, writes=True),
    "mfa_view_recovery_codes": own_page("accounts/2fa/recovery-codes/", *STAFF),
    "mfa_download_recovery_codes": Row("accounts/2fa/recovery-codes/download/", 302, is_page=False),
    "mfa_generate_recovery_codes": own_page("accounts/2fa/recovery-codes/generate/", *STAFF, writes=True),
    "mfa_reauthenticate": own_page("accounts/2fa/reauthenticate/", *STAFF),
    "account_reauthenticate": own_page("accounts/reauthenticate/", *MEMBERS),
    "account_reauthenticate_by_code": own_page("accounts/reauthenticate/code/", *MEMBERS),
    # Whoever is signed in needs no code.
    "account_request_login_code": Row(
        "accounts/login/code/", 302, {"anonymous": 200}, post=302, post_by={"anonymous": 200}
    ),
    # Nobody of these has asked for a code.
    "account_confirm_login_code": Row("accounts/login/code/confirm/", 302, is_page=False),
    "account_email_verification_sent": Row("accounts/confirm-email/", 302, is_page=False),
    "account_logout": Row("accounts/logout/", 200, {"anonymous": 302}, post=302, writes=True),
    # All of them have a password.
    "account_set_password": Row("accounts/password/set/", 302, is_page=False),
    # A link that opens nothing: the page says so, until somebody has sent too many of them (429).
    "account_reset_password_from_key": Row("accounts/password/reset/key/1-x/"),
    "account_change_password": own_page("accounts/password/change/", *STAFF, *MEMBERS),
    "account_invitation": Row("accounts/invitation/{invited}/"),
    "account_email": Row("accounts/email/", 200, {"anonymous": 302}),
    # Who saves nothing new has the mails that they follow in the language of their account all the same.
    "account_profile": Row("accounts/profile/", 302, is_page=False, post=303, post_by={"anonymous": 302}, writes=True),
    "account_sessions": Row("accounts/sessions/", 302, is_page=False),
    # No wiki's consumer is set here: none of its addresses is there.
    "mediawiki_login": Row("accounts/mediawiki/login/", 404),
    "mediawiki_callback": Row("accounts/mediawiki/login/callback/", 404),
    "socialaccount_connections": Row("accounts/3rdparty/", 404),
    "socialaccount_login_cancelled": Row("accounts/3rdparty/login/cancelled/", 404),
    "socialaccount_login_error": Row("accounts/3rdparty/login/error/", 404),
    "socialaccount_signup": Row("accounts/3rdparty/signup/", 404),
    "socialaccount_old": Row("accounts/social/signup/", 404),
    "task_force": Row(TF),
    "process": Row(f"{TF}process/"),
    "timeline_ics": Row(f"{TF}timeline.ics", is_page=False),
    # A public page leads there: whoever may not hears why.
    "proposals:texts": Row(
        f"{TF}proposals/", 403, {"anonymous": 302} | dict.fromkeys(("coordinator", "deputy", "admin"), 200), post=200
    ),
    "proposals:text": Row(f"{TF}proposals/{{textslug}}/", states={"begun": 404}, post_in={"begun": 405}),
    "proposals:revision": Row(f"{TF}proposals/{{textslug}}/r/1/", states={"begun": 404}, post_in={"begun": 405}),
    "proposals:unit": Row(f"{TF}proposals/proposal/u/{{unit}}/"),
    "proposals:history": Row(f"{TF}proposals/{{textslug}}/history/", states={"begun": 404}, post_in={"begun": 405}),
    # Without two numbers it leads to where they are chosen.
    "proposals:compare": Row(f"{TF}proposals/proposal/diff/", 302, is_page=False),
    "proposals:difference": Row(
        f"{TF}proposals/{{textslug}}/diff/0..1/", states={"begun": 404}, post_in={"begun": 405}
    ),
    "proposals:edit": editors_page(f"{TF}proposals/{{textslug}}/edit/", post=400),
    "proposals:edit_end": editors_page(f"{TF}proposals/{{textslug}}/edit/end/"),
    # The other texts do not have this section.
    "proposals:edit_section": editors_page(
        f"{TF}proposals/{{textslug}}/edit/s/{{part}}/",
        post=400,
        states=dict.fromkeys(("begun", "ended"), 303),
        post_in=dict.fromkeys(("begun", "ended"), 409),
    ),
    "proposals:edit_place": editors_page(f"{TF}proposals/proposal/edit/place/u{{unit}}/"),
    "proposals:edit_preview": editors_page(f"{TF}proposals/{{textslug}}/edit/preview/", post=405),
    "proposals:edit_publish": editors_page(f"{TF}proposals/{{textslug}}/edit/publish/"),
    # In a language of the demo's translator, whatever language the walk is in.
    "proposals:translate": Row(
        f"/ar/{TF}proposals/{{readtext}}/translate/", 403, _TRANSLATING, post=400, post_in={"ended": 403}
    ),
    "proposals:translate_unit": Row(
        f"/ar/{TF}proposals/proposal/translate/{{textunit}}/",
        403,
        _TRANSLATING,
        post=400,
        states={"removed": 404, ELSEWHERE: 404},
        post_in={"removed": 400, ELSEWHERE: 404},
    ),
    "feedback:window": Row(f"{TF}feedback/responsibilities/", post=403),
    "feedback:summary": Row(f"{TF}feedback/responsibilities/summary/"),
    "feedback:feed": Row(f"{TF}feedback/responsibilities/feed.atom", is_page=False),
    "feedback:moderation": Row(f"{TF}feedback/responsibilities/moderation/"),
    "feedback:items": Row(f"{TF}feedback/responsibilities/items/"),
    "feedback:item": Row(
        f"{TF}feedback/responsibilities/items/{{reference}}/",
        states=dict.fromkeys(("held", "staff", ELSEWHERE), 404),
        post_in=dict.fromkeys(("held", "staff", ELSEWHERE), 405),
    ),
    "feedback:enter": entering_page(f"{TF}feedback/responsibilities/enter/"),
    "feedback:table": entering_page(f"{TF}feedback/responsibilities/enter/table/"),
    # Nobody looks at another's table, nor takes back what another has entered.
    "feedback:sheet": Row(
        f"{TF}feedback/responsibilities/enter/table/{{sheet}}/",
        404,
        _FACILITATING,
        states={ELSEWHERE: 404},
        post=405,
    ),
    "feedback:sheet_failed": Row(
        f"{TF}feedback/responsibilities/enter/table/{{sheet}}/not-entered.csv",
        404,
        _FACILITATING,
        is_page=False,
        states={ELSEWHERE: 404},
        post=405,
    ),
    "feedback:correct": Row(
        f"{TF}feedback/responsibilities/enter/{{entered}}/correct/",
        404,
        _FACILITATING,
        states={"withdrawn": 303, ELSEWHERE: 404},
        post=200,
    ),
    "feedback:take_back": Row(
        f"{TF}feedback/responsibilities/enter/{{entered}}/take-back/",
        404,
        _FACILITATING,
        states={"withdrawn": 303, ELSEWHERE: 404},
        post=200,
    ),
    "feedback:appeal_entered": Row(
        f"{TF}feedback/responsibilities/enter/{{entered}}/appeal/",
        404,
        _FACILITATING,
        states={ELSEWHERE: 404},
        post=200,
    ),
    "feedback:themes": Row(f"{TF}feedback/responsibilities/themes/"),
    # It was for the window's close and some days after that.
    "feedback:confirm": Row(f"{TF}feedback/responsibilities/confirm/{{unconfirmed}}/", post=403),
    "feedback:stop": Row(f"{TF}feedback/responsibilities/stop/{{stop}}/", post=200),
    # The window has closed: nobody signs in to read that nobody can agree any more.
    "feedback:agree": Row(
        f"{TF}feedback/responsibilities/items/{{reference}}/agree/",
        states=_ONLY_WHERE_IT_STANDS,
        post=400,
        post_by={"anonymous": 302},
        post_in=_ONLY_WHERE_IT_STANDS,
    ),
    "feedback:reply": Row(
        f"{TF}feedback/responsibilities/items/{{reference}}/reply/",
        200,
        {"anonymous": 302},
        states=_ALSO_FOR_VISITORS,
        post=403,
        post_by={"coordinator": 200, "deputy": 200},
        post_in=_ALSO_FOR_VISITORS,
    ),
    "feedback:report": Row(
        f"{TF}feedback/responsibilities/items/{{reference}}/report/",
        states=_ONLY_WHERE_IT_STANDS,
        post=200,
        post_in=_ONLY_WHERE_IT_STANDS,
    ),
    "feedback:reported": Row(
        f"{TF}feedback/responsibilities/items/{{reference}}/report/received/",
        states=dict.fromkeys(("held", "staff", ELSEWHERE), 404),
        post=405,
        post_in=dict.fromkeys(("held", "staff", ELSEWHERE), 405),
    ),
    "feedback:report_reply": Row(
        f"{TF}feedback/responsibilities/items/{{replied}}/replies/{{replyref}}/report/", post=200
    ),
    # On to its place below what it replies to.
    "feedback:one_reply": Row(
        f"{TF}feedback/responsibilities/items/{{replied}}/replies/{{replyref}}/", 302, is_page=False
    ),
    "feedback:own_reply": Row(
        f"{TF}feedback/responsibilities/items/{{replied}}/replies/{{replyref}}/own/",
        404,
        {"anonymous": 302, "applicant": 200},
        post=200,
    ),
    "feedback:appeal_reply": Row(
        f"{TF}feedback/responsibilities/items/{{replied}}/replies/{{replyref}}/own/appeal/",
        404,
        {"anonymous": 302, "applicant": 200},
        post=200,
    ),
    # In a language of the demo's translator and facilitator, whatever language the walk is in.
    "feedback:translate": Row(f"/ar/{TF}feedback/responsibilities/translate/", 403, _SAID_AGAIN, post=405),
    "feedback:translate_summary": Row(
        f"/ar/{TF}feedback/responsibilities/summary/translate/", 403, _SAID_AGAIN, post=200
    ),
    "feedback:translate_item": Row(
        f"/ar/{TF}feedback/responsibilities/items/{{reference}}/translate/",
        403,
        _SAID_AGAIN,
        states=_ONLY_WHERE_IT_STANDS,
        post=200,
        post_in=_ONLY_WHERE_IT_STANDS,
    ),
    "feedback:mine": Row(
        f"{TF}feedback/responsibilities/mine/{{token}}/", states={ELSEWHERE: 404}, post=405, post_in={ELSEWHERE: 405}
    ),
    "feedback:edit": Row(
        f"{TF}feedback/responsibilities/mine/{{token}}/edit/",
        post=403,
        states={"withdrawn": 303, ELSEWHERE: 404},
        post_in={"withdrawn": 403, ELSEWHERE: 404},
    ),
    # It was for the window's close and some days after that.
    "feedback:again": Row(f"{TF}feedback/responsibilities/mine/{{waits}}/again/", post=403),
    "feedback:appeal": Row(f"{TF}feedback/responsibilities/mine/{{token}}/appeal/", post=200, states={ELSEWHERE: 404}),
    "feedback:withdraw": Row(
        f"{TF}feedback/responsibilities/mine/{{token}}/withdraw/", post=200, states={"withdrawn": 303, ELSEWHERE: 404}
    ),
    "recruitment:call": Row(f"{TF}join/"),
    "recruitment:draft": Row(f"{TF}join/application/draft/", 200, {"anonymous": 401}, is_page=False, post=400),
    # The call has closed: signed out, what can still be done.
    "recruitment:application": Row(f"{TF}join/application/", 200, post=400),
    # The call has closed: to one's own page.
    "recruitment:check": Row(f"{TF}join/application/check/", 303, {"anonymous": 302}, **_ONLY_READ),
    "recruitment:receipt": Row(
        f"{TF}join/application/receipt/1/", 404, {"anonymous": 302, "applicant": 200}, **_ONLY_READ
    ),
    "recruitment:receipt_file": Row(
        f"{TF}join/application/receipt/1.json", 404, {"anonymous": 302, "applicant": 200}, is_page=False, **_ONLY_READ
    ),
    "recruitment:data": Row(
        f"{TF}join/application/data/", 404, {"anonymous": 302, "applicant": 200}, is_page=False, **_ONLY_READ
    ),
    "recruitment:data_text": Row(
        f"{TF}join/application/data.txt", 404, {"anonymous": 302, "applicant": 200}, is_page=False, **_ONLY_READ
    ),
    "recruitment:reminders": Row(f"{TF}join/application/reminders/{{reminders}}/", post=303, writes=True),
    "announcements:members": Row(f"{TF}members/"),
    "announcements:news": Row(f"{TF}news/"),
    "announcements:item": Row(f"{TF}news/members-announced/"),
    **{
        f"admin:timeline_phase_{act}": staff_page(
            f"admin/timeline/phase/{{phase}}/{act}/",
            *("coordinator", "deputy", "admin"),
            told_why=("observer",),
            states={"unpublished": 404},
        )
        for act in ("extend", "shorten", "close", "cancel")
    },
    "admin:timeline_phase_decide": staff_page(
        "admin/timeline/phase/{closed}/decide/", *("coordinator", "deputy", "admin"), told_why=("observer",)
    ),
    "admin:rights": staff_page("admin/rights/", *STAFF),
    "admin:accounts_rolegrant_changelist": staff_list(
        "admin/accounts/rolegrant/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:accounts_rolegrant_give": staff_list("admin/accounts/rolegrant/give/", "coordinator", "admin"),
    "admin:accounts_rolegrant_take": staff_page(
        "admin/accounts/rolegrant/{moderating}/take/",
        "coordinator",
        "admin",
        told_why=("deputy", "observer"),
        post=303,
        writes=True,
    ),
    "admin:accounts_rolegrant_history": no_page("admin/accounts/rolegrant/{moderating}/history/"),
    "admin:accounts_invitation_changelist": staff_list("admin/accounts/invitation/", "coordinator", "admin"),
    "admin:accounts_invitation_withdraw": staff_page(
        "admin/accounts/invitation/{invitation}/withdraw/", "coordinator", "admin", post=303, writes=True
    ),
    "admin:accounts_invitation_again": staff_page(
        "admin/accounts/invitation/{invitation}/again/", "coordinator", "admin", post=409
    ),
    "admin:accounts_invitation_history": no_page("admin/accounts/invitation/{invitation}/history/"),
    "admin:mail_texts": staff_page("admin/mail-texts/", *STAFF),
    "admin:mail_text": staff_page("admin/mail-texts/phase-extended/", *STAFF),
    **{
        f"admin:timeline_phase_{act}": staff_page(
            f"admin/timeline/phase/{{draftphase}}/{act}/",
            *("coordinator", "deputy", "admin"),
            told_why=("observer",),
            states={"published": 404},
            post=post,
        )
        for act, post in (("publish", 200), ("discard", 409))
    },
    "admin:timeline_phase_add": staff_list("admin/timeline/phase/add/", "coordinator", "deputy", "admin"),
    "admin:timeline_phase_change": staff_page(
        "admin/timeline/phase/{draftphase}/change/",
        *("coordinator", "deputy", "observer", "admin"),
        post_by={"observer": 403},
        post_in={"published": 403},
    ),
    "admin:timeline_bulletin_edit": staff_page(
        "admin/timeline/bulletin/{bulletin}/edit/",
        *("coordinator", "deputy", "admin"),
        told_why=("observer",),
        states=dict.fromkeys(("sent", "stopped", "dropped"), 302),
        post_in=dict.fromkeys(("sent", "stopped", "dropped"), 200),
    ),
    "admin:announcements_announcement_preview": staff_page(
        "admin/announcements/announcement/{draft}/preview/",
        *("coordinator", "deputy", "observer", "admin"),
        post=409,
        post_by={"observer": 403},
        post_in={"published": 403},
    ),
    "admin:announcements_announcement_publish": staff_page(
        "admin/announcements/announcement/{draft}/publish/",
        *("coordinator", "deputy", "admin"),
        told_why=("observer",),
        states={"published": 403},
        post=409,
        post_in={"published": 409, "published observer": 409},
    ),
    "admin:recruitment_application_review": staff_page(
        "admin/recruitment/application/{application}/review/",
        *("reviewer1", "coordinator", "deputy"),
        states={"draft": 404, "withdrawn": 404},
        post=403,
    ),
    "admin:recruitment_application_identity": staff_page(
        "admin/recruitment/application/{application}/identity/",
        *("coordinator", "deputy"),
        told_why=("reviewer1",),
        states={"draft": 404, "withdrawn": 404},
        post=200,
    ),
    "admin:recruitment_call_decisions": staff_page(
        "admin/recruitment/call/{call}/decisions/", "coordinator", "deputy", post=303
    ),
    "admin:recruitment_call_release": staff_page(
        "admin/recruitment/call/{call}/release/",
        "coordinator",
        "deputy",
        post=303,
        post_in={"held": 200},
    ),
    "admin:feedback_feedbackitem_queue": staff_list(
        "admin/feedback/feedbackitem/queue/", "coordinator", "deputy", "moderator", "admin"
    ),
    "admin:feedback_feedbackwindow_export": staff_page(
        "admin/feedback/feedbackwindow/{feedbackwindow}/export/",
        *("coordinator", "deputy", "admin"),
        told_why=("moderator", "observer"),
    ),
    "admin:feedback_feedbackitem_decide": staff_page(
        "admin/feedback/feedbackitem/{item}/decide/",
        *("coordinator", "deputy", "moderator", "admin"),
        states={"withdrawn": 404},
    ),
    **{
        f"admin:feedback_feedbackwindow_{name}": staff_page(
            f"admin/feedback/feedbackwindow/{{feedbackwindow}}/answers/{path}", "coordinator", "deputy", post=post
        )
        for name, path, post in (
            ("answers", "", 405),
            ("chosen", "chosen/", 200),
            ("release", "release/", 200),
            ("final", "final/", 200),
            ("themes", "themes/", 200),
            ("theme", "themes/{theme}/", 200),
            ("theme_answer", "themes/{theme}/answer/", 200),
        )
    },
    "admin:feedback_feedbackreply_decide": staff_page(
        "admin/feedback/feedbackreply/{reply}/decide/", *("coordinator", "deputy", "moderator", "admin")
    ),
    "admin:feedback_feedbackitem_reports": staff_page(
        "admin/feedback/feedbackitem/{item}/reports/",
        *("coordinator", "deputy", "moderator", "admin"),
        states={"withdrawn": 404},
    ),
    "admin:feedback_feedbackreply_reports": staff_page(
        "admin/feedback/feedbackreply/{reply}/reports/", *("coordinator", "deputy", "moderator", "admin")
    ),
    "admin:feedback_feedbackitem_block": staff_page(
        "admin/feedback/feedbackitem/{item}/block/", *("coordinator", "deputy", "moderator", "admin")
    ),
    "admin:feedback_feedbackreply_block": staff_page(
        "admin/feedback/feedbackreply/{reply}/block/", *("coordinator", "deputy", "moderator", "admin")
    ),
    "admin:feedback_feedbackblock_lift": staff_page(
        "admin/feedback/feedbackblock/{feedbackblock}/lift/", *("coordinator", "deputy", "moderator", "admin")
    ),
    "admin:feedback_feedbackblock_changelist": staff_list(
        "admin/feedback/feedbackblock/", "coordinator", "deputy", "moderator", "admin"
    ),
    "admin:feedback_feedbackblock_history": no_page("admin/feedback/feedbackblock/{feedbackblock}/history/"),
    # It has no door of its own: staff are in, visitors go to the portal's sign-in, other accounts are told.
    "admin:login": Row("admin/login/", 302, {role: 403 for role in OUTSIDE if role != "anonymous"}, post=302),
    "admin:timeline_bulletin_add": staff_list("admin/timeline/bulletin/add/", "coordinator", "deputy", "admin"),
    "admin:timeline_bulletin_change": staff_page(
        "admin/timeline/bulletin/{bulletin}/change/", "coordinator", "deputy", "observer", "admin", post=409
    ),
    "admin:timeline_bulletin_changelist": staff_list(
        "admin/timeline/bulletin/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:timeline_bulletin_history": no_page("admin/timeline/bulletin/{bulletin}/history/"),
    "admin:announcements_announcement_add": staff_list(
        "admin/announcements/announcement/add/", "coordinator", "deputy", "admin"
    ),
    "admin:announcements_announcement_change": staff_page(
        "admin/announcements/announcement/{draft}/change/",
        *("coordinator", "deputy", "observer", "admin"),
        post_by={"observer": 403},
        post_in={"published": 403},
    ),
    "admin:recruitment_application_change": staff_page(
        "admin/recruitment/application/{application}/change/",
        led_on=("coordinator", "deputy", "reviewer1"),
        states={"draft": 404, "withdrawn": 404},
    ),
    "admin:recruitment_call_add": staff_list("admin/recruitment/call/add/", "coordinator", "deputy"),
    # What is public is not thrown away: whoever sends that is told so.
    "admin:recruitment_call_change": staff_page(
        "admin/recruitment/call/{call}/change/", "coordinator", "deputy", post=409
    ),
    **{
        f"admin:recruitment_call_{name}": staff_page(
            f"admin/recruitment/call/{{draftcall}}/{path}", "coordinator", "deputy", post=post
        )
        for name, path, post in (
            ("details", "details/", 200),
            ("questions", "questions/", 200),
            ("criteria", "criteria/", 200),
            ("criterion", "criteria/{criterion}/", 200),
            ("clarifications", "clarifications/", 200),
            ("clarification", "clarifications/{clarification}/", 200),
            ("preview", "preview/", 405),
            ("check", "check/", 200),
        )
    },
    # Of a call whose decisions have been told nothing changes any more.
    **{
        f"admin:recruitment_call_{name}": staff_page(
            f"admin/recruitment/call/{{call}}/{name}/",
            told_why=("coordinator", "deputy"),
            states={"held coordinator": 200, "held deputy": 200},
            post_in={"held coordinator": 200, "held deputy": 200},
        )
        for name in ("seats", "rubric", "words")
    },
    "admin:recruitment_call_answer_words": staff_page(
        "admin/recruitment/call/{call}/clarifications/{publicclarification}/words/",
        told_why=("coordinator", "deputy"),
        # It is told about the other call.
        states={"held": 404},
    ),
    "admin:recruitment_call_scores": staff_page(
        "admin/recruitment/call/{call}/criteria/{publiccriterion}/scores/",
        told_why=("coordinator", "deputy"),
        # The criterion is one of the other call.
        states={"held": 404},
    ),
    "admin:timeline_taskforce_changelist": staff_list(
        "admin/timeline/taskforce/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:timeline_taskforce_rename": staff_page(
        "admin/timeline/taskforce/{taskforce}/rename/", "coordinator", "deputy", "admin", told_why=("observer",)
    ),
    "admin:timeline_taskforce_old_words": staff_page(
        "admin/timeline/taskforce/{taskforce}/old-words/",
        *("coordinator", "deputy", "admin"),
        told_why=("observer",),
        post=400,
    ),
    "admin:timeline_taskforce_label": staff_page(
        "admin/timeline/taskforce/{taskforce}/old-words/label:timeline.phase:{phase}:title/en/",
        *("coordinator", "deputy", "admin"),
        told_why=("observer",),
        states={"unpublished": 404},
    ),
    "admin:timeline_phase_changelist": staff_list(
        "admin/timeline/phase/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:timeline_subscription_changelist": staff_list(
        "admin/timeline/subscription/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:timeline_subscription_add": staff_list("admin/timeline/subscription/add/", "coordinator", "deputy", "admin"),
    "admin:announcements_announcement_changelist": staff_list(
        "admin/announcements/announcement/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:recruitment_application_changelist": staff_list(
        "admin/recruitment/application/", "coordinator", "deputy", "reviewer1"
    ),
    "admin:recruitment_call_changelist": staff_list("admin/recruitment/call/", "coordinator", "deputy"),
    "admin:proposals_translationgoal_changelist": staff_list(
        "admin/proposals/translationgoal/", "coordinator", "deputy", "observer", "admin"
    ),
    "admin:proposals_translationgoal_add": staff_list(
        "admin/proposals/translationgoal/add/", "coordinator", "deputy", "admin"
    ),
    "admin:proposals_translationgoal_history": no_page("admin/proposals/translationgoal/{translationgoal}/history/"),
    "admin:proposals_translationgoal_change": staff_page(
        "admin/proposals/translationgoal/{translationgoal}/change/",
        "coordinator",
        "deputy",
        "observer",
        "admin",
        post_by={"observer": 403},
    ),
    "admin:questions_questionset_changelist": staff_list(
        "admin/questions/questionset/", "coordinator", "deputy", "admin"
    ),
    "admin:questions_questionset_add": staff_list("admin/questions/questionset/add/", "coordinator", "deputy", "admin"),
    "admin:questions_questionset_change": staff_page(
        "admin/questions/questionset/{questionset}/change/", "coordinator", "deputy", "admin", post=400
    ),
    "admin:questions_questionset_draft": staff_page(
        "admin/questions/questionset/{questionset}/draft/",
        *("coordinator", "deputy", "admin"),
        states={"settled": 303},
        post=400,
        post_in={"settled": 400},
    ),
    "admin:questions_questionset_question": staff_page(
        "admin/questions/questionset/{questionset}/draft/1/",
        *("coordinator", "deputy", "admin"),
        states={"settled": 404},
        post=200,
        post_in={"settled": 409},
    ),
    "admin:questions_questionset_publish": staff_page(
        "admin/questions/questionset/{questionset}/publish/",
        *("coordinator", "deputy", "admin"),
        states={"settled": 303},
        post_in={"settled": 303},
    ),
    "admin:questions_questionset_preview": staff_page(
        "admin/questions/questionset/{questionset}/preview/", "coordinator", "deputy", "admin", post=405
    ),
    "admin:questions_questionset_history": no_page("admin/questions/questionset/{questionset}/history/"),
    "admin:feedback_feedbackwindow_changelist": staff_list(
        "admin/feedback/feedbackwindow/", "coordinator", "deputy", "moderator", "observer", "admin"
    ),
    "admin:feedback_feedbackwindow_add": staff_list(
        "admin/feedback/feedbackwindow/add/", "coordinator", "deputy", "admin"
    ),
    "admin:feedback_feedbackreply_changelist": staff_list(
        "admin/feedback/feedbackreply/", "coordinator", "deputy", "moderator", "observer", "admin"
    ),
    "admin:feedback_feedbackwindow_texts": staff_page(
        "admin/feedback/feedbackwindow/{feedbackwindow}/texts/",
        *("coordinator", "deputy", "admin"),
        told_why=("moderator", "observer"),
    ),
    "admin:feedback_feedbackwindow_summary": staff_page(
        "admin/feedback/feedbackwindow/{feedbackwindow}/summary/",
        *("coordinator", "deputy", "admin"),
        told_why=("moderator", "observer"),
    ),
    "admin:feedback_feedbackwindow_summary_publish": staff_page(
        "admin/feedback/feedbackwindow/{feedbackwindow}/summary/publish/",
        *("coordinator", "deputy", "admin"),
        told_why=("moderator", "observer"),
    ),
    "admin:feedback_feedbackitem_changelist": staff_list(
        "admin/feedback/feedbackitem/", "coordinator", "deputy", "moderator", "observer", "admin"
    ),
    "admin:notifications_outboxmessage_changelist": staff_list(
        "admin/notifications/outboxmessage/", "coordinator", "deputy", "admin"
    ),
    "admin:notifications_mailing_changelist": staff_list(
        "admin/notifications/mailing/", "coordinator", "deputy", "admin"
    ),
    "admin:notifications_mailing_stop": staff_page(
        "admin/notifications/mailing/{mailing}/stop/",
        *("coordinator", "deputy", "admin"),
        post=302,
        post_in={"stopped": 409},
        writes=True,
    ),
    "admin:notifications_mailing_release": staff_page(
        "admin/notifications/mailing/{mailing}/release/", "coordinator", "deputy", "admin", post=400
    ),
    "admin:notifications_mailing_requeue": staff_page(
        "admin/notifications/mailing/{mailing}/requeue/", "coordinator", "deputy", "admin", post=400
    ),
    "admin:notifications_hold_changelist": staff_list("admin/notifications/hold/", "coordinator", "deputy", "admin"),
    "admin:notifications_hold_switch": staff_list(
        "admin/notifications/hold/switch/", "coordinator", "deputy", "admin", post=400
    ),
    "admin:notifications_suppression_changelist": staff_list(
        "admin/notifications/suppression/", "coordinator", "deputy", "admin"
    ),
    "admin:notifications_suppression_lift": staff_page(
        "admin/notifications/suppression/{suppression}/lift/", "coordinator", "deputy", "admin", post=400
    ),
    "admin:accounts_deletionrequest_changelist": staff_list("admin/accounts/deletionrequest/", "privacy"),
    "admin:accounts_deletionrequest_answer": staff_page(
        "admin/accounts/deletionrequest/{deletionrequest}/answer/", "privacy"
    ),
    "admin:accounts_deletionrequest_history": no_page("admin/accounts/deletionrequest/{deletionrequest}/history/"),
    "admin:audit_entry_changelist": staff_list(
        "admin/audit/entry/",
        "coordinator",
        "deputy",
        "privacy",
        "observer",
        "admin",
        post=405,
        # An address to look for, by whoever may; this one is none.
        post_by={"reviewer1": 405, "moderator": 405, "privacy": 400},
    ),
    # The account pages change passwords.
    "admin:password_change": Row("admin/password_change/", 302),
    "admin:password_change_done": Row("admin/password_change/done/", 302),
    "admin:audit_entry_change": no_page("admin/audit/entry/{entry}/change/"),
    "admin:audit_entry_history": no_page("admin/audit/entry/{entry}/history/"),
    # Django's history knows only Django's own forms: nobody has such a page.
    "admin:timeline_taskforce_history": no_page("admin/timeline/taskforce/{taskforce}/history/"),
    "admin:timeline_subscription_history": no_page("admin/timeline/subscription/{subscription}/history/"),
    "admin:timeline_phase_history": no_page("admin/timeline/phase/{phase}/history/"),
    "admin:announcements_announcement_history": no_page("admin/announcements/announcement/{draft}/history/"),
    "admin:recruitment_application_history": no_page("admin/recruitment/application/{application}/history/"),
    "admin:recruitment_call_history": no_page("admin/recruitment/call/{call}/history/"),
    "admin:feedback_feedbackwindow_history": no_page("admin/feedback/feedbackwindow/{feedbackwindow}/history/"),
    "admin:feedback_feedbackreply_history": no_page("admin/feedback/feedbackreply/{reply}/history/"),
    "admin:feedback_feedbackitem_history": no_page("admin/feedback/feedbackitem/{item}/history/"),
    "admin:notifications_outboxmessage_history": no_page("admin/notifications/outboxmessage/{outboxmessage}/history/"),
    "admin:notifications_mailing_history": no_page("admin/notifications/mailing/{mailing}/history/"),
    "admin:notifications_hold_history": no_page("admin/notifications/hold/{hold}/history/"),
    "admin:notifications_suppression_history": no_page("admin/notifications/suppression/{suppression}/history/"),
}

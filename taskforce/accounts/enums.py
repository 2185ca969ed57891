"""Roles; what each may do stands in the `rules.py` of each app. What a fresh proof of who somebody is was asked for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Staff roles; scoped to a task force (or everywhere), translators and facilitators also to a language."""

    COORDINATOR = "coordinator", _("coordinator")
    DEPUTY = "deputy", _("deputy coordinator")
    REVIEWER = "reviewer", _("reviewer")
    TRANSLATOR = "translator", _("translator")
    FACILITATOR = "facilitator", _("facilitator")
    MODERATOR = "moderator", _("moderator")
    DATA_OFFICER = "data-officer", _("data officer")
    OBSERVER = "observer", _("observer")
    ADMINISTRATOR = "administrator", _("administrator")


class InvitationState(models.TextChoices):
    """What has become of an invitation; one whose time is over stays open and says so by the clock."""

    OPEN = "open", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


# Roles for one language each.
SPOKEN_ROLES = frozenset({Role.TRANSLATOR, Role.FACILITATOR})
# Roles that work in the admin; translators and facilitators work on the public side.
STAFF_ROLES = frozenset(
    {
        Role.COORDINATOR,
        Role.DEPUTY,
        Role.REVIEWER,
        Role.MODERATOR,
        Role.DATA_OFFICER,
        Role.OBSERVER,
        Role.ADMINISTRATOR,
    }
)


class DeletionState(models.TextChoices):
    """Where a request for deletion stands."""

    OPEN = "open", _("open")
    WITHDRAWN = "withdrawn", _("taken back")
    DONE = "done", _("done")
    PARTLY = "partly", _("partly done")
    REFUSED = "refused", _("refused")


class Purpose(models.TextChoices):
    """What somebody is about to do when they are asked once more who they are: a whole sentence for each.

    The code is kept with what waits for the proof, so that the sentence is in the language of whoever reads it.
    """

    ADD_ADDRESS = "add-address", _("You are about to add an e-mail address to your account.")
    MAIN_ADDRESS = "main-address", _("You are about to make another address the primary one of your account.")
    REMOVE_ADDRESS = "remove-address", _("You are about to remove an e-mail address from your account.")
    CONNECT = "connect", _("You are about to connect a Wikimedia account, so that you can sign in with it.")
    DISCONNECT = "disconnect", _("You are about to disconnect a Wikimedia account.")
    TURN_ON = "turn-on", _("You are about to set up two-step sign-in.")
    TURN_OFF = "turn-off", _("You are about to turn off two-step sign-in.")
    NEW_CODES = "new-codes", _("You are about to make new recovery codes in place of the ones you have.")
    SET_PASSWORD = "set-password", _("You are about to set a password for your account.")
    TAKE_DATA = "take-data", _("You are about to download your data.")
    ASK_FOR_DELETION = "ask-for-deletion", _("You are about to ask for your data to be deleted.")
    ANSWER_DELETION = "answer-deletion", _("You are about to answer a request for deletion by mail.")
    GIVE_ROLE = "give-role", _("You are about to give somebody a role.")
    ACCEPT_ROLE = "accept-role", _("You are about to accept a role.")
    TAKE_ROLE = "take-role", _("You are about to take a role away from somebody.")
    INVITE_AGAIN = "invite-again", _("You are about to invite somebody to a role once more.")
    WITHDRAW = "withdraw", _("You are about to withdraw an invitation to a role.")
    PUBLISH = "publish", _("You are about to publish an announcement and tell the followers of it.")
    SEND = "send", _("You are about to send a mail to followers.")
    DECIDE = "decide", _("You are about to decide after feedback: everybody who follows is told.")
    EXPORT_FEEDBACK = "export-feedback", _("You are about to export all that was said in one feedback window.")
    SUMMARY = "summary", _("You are about to publish a summary of what was said.")
    RELEASE = "release", _("You are about to release decisions: everybody concerned is told by mail.")
    STAFF_SIDE = (
        "staff-side",
        _("You are about to enter the staff side, which asks for a code from your app once in each browser."),
    )

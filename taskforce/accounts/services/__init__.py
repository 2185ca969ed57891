"""The only writers of accounts, roles and invitations to them."""

from taskforce.accounts.services.accounts import create_account, set_language
from taskforce.accounts.services.invitations import (
    accept_invitation,
    decline_invitation,
    forget_invitations,
    offer_role,
    withdraw_invitation,
)
from taskforce.accounts.services.roles import grant_role, remove_role

__all__ = [
    "accept_invitation",
    "create_account",
    "decline_invitation",
    "forget_invitations",
    "grant_role",
    "offer_role",
    "remove_role",
    "set_language",
    "withdraw_invitation",
]

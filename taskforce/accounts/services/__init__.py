"""The only writers of accounts, roles and invitations to them."""

from taskforce.accounts.services.accounts import (
    AddressTaken,
    create_account,
    end_other_sessions,
    forget_password,
    set_language,
    set_name,
    set_profile,
    set_zone,
    sign_up,
)
from taskforce.accounts.services.connections import Connected, connect_wikimedia, disconnect_wikimedia
from taskforce.accounts.services.invitations import (
    accept_invitation,
    decline_invitation,
    forget_invitations,
    offer_role,
    withdraw_invitation,
)
from taskforce.accounts.services.roles import grant_role, remove_role

__all__ = [
    "AddressTaken",
    "Connected",
    "accept_invitation",
    "connect_wikimedia",
    "create_account",
    "decline_invitation",
    "disconnect_wikimedia",
    "end_other_sessions",
    "forget_invitations",
    "forget_password",
    "grant_role",
    "offer_role",
    "remove_role",
    "set_language",
    "set_name",
    "set_profile",
    "set_zone",
    "sign_up",
    "withdraw_invitation",
]

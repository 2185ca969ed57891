"""The only writers of accounts, roles, invitations to them, and requests for deletion."""

from taskforce.accounts.services.accounts import (
    AddressTaken,
    create_account,
    end_other_sessions,
    find_account,
    save_sign_up,
    set_language,
    set_name,
    set_password,
    set_profile,
    set_zone,
    sign_up,
    speak_as_account,
)
from taskforce.accounts.services.addresses import confirm_address, make_primary, remove_address
from taskforce.accounts.services.connections import Connected, connect_wikimedia, disconnect_wikimedia
from taskforce.accounts.services.deletion import answer_deletion, ask_for_deletion, take_back_deletion
from taskforce.accounts.services.forgetting import forget_sign_ins, forget_unconfirmed, free_address
from taskforce.accounts.services.invitations import (
    accept_invitation,
    check_offer,
    decline_invitation,
    forget_invitations,
    invite_again,
    offer_role,
    withdraw_invitation,
)
from taskforce.accounts.services.locking import lock_account, unlock_account
from taskforce.accounts.services.own_data import own_parts, take_along
from taskforce.accounts.services.roles import grant_role, remove_role

__all__ = [
    "AddressTaken",
    "Connected",
    "accept_invitation",
    "answer_deletion",
    "ask_for_deletion",
    "check_offer",
    "confirm_address",
    "connect_wikimedia",
    "create_account",
    "decline_invitation",
    "disconnect_wikimedia",
    "end_other_sessions",
    "find_account",
    "forget_invitations",
    "forget_sign_ins",
    "forget_unconfirmed",
    "free_address",
    "grant_role",
    "invite_again",
    "lock_account",
    "make_primary",
    "offer_role",
    "own_parts",
    "remove_address",
    "remove_role",
    "save_sign_up",
    "set_language",
    "set_name",
    "set_password",
    "set_profile",
    "set_zone",
    "sign_up",
    "speak_as_account",
    "take_along",
    "take_back_deletion",
    "unlock_account",
    "withdraw_invitation",
]

"""The only writers of accounts, roles and invitations to them."""

from taskforce.accounts.services.accounts import create_account, set_language
from taskforce.accounts.services.roles import grant_role, remove_role

__all__ = ["create_account", "grant_role", "remove_role", "set_language"]

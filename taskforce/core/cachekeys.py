"""Under which name something lies in the cache's table: one that says nothing of whom it is about."""

from taskforce.core.keyed import hexdigest


def keyed(key: str, key_prefix: str, version: int) -> str:
    """Django's form of a name, the key itself as a keyed hash.

    allauth counts by names that hold the visitor's network address, or an unkeyed hash of a mailbox, which whoever
    has a list of mailboxes can turn back.
    """
    hashed = hexdigest("taskforce.core.cachekeys", key)
    return f"{key_prefix}:{version}:{hashed}"

"""An editor of the sample text, and the pages on which they change it."""

import re
from typing import Any

from proposals import working
from proposals.drafting.copies import Copy, Piece
from proposals.models import Proposal, Revision
from proposals.services import publish_draft
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from tests.clients import Client
from tests.conftest import utc
from tests.proposals.conftest import T

AT = utc(2022, 2, 6, 9, 30)


def coordinator(text: Proposal, name: str = "Cora", role: Role = Role.COORDINATOR) -> User:
    """Somebody who may change the text."""
    made = create_account(f"{name.lower()}@demo.example", at=AT, name=f"{name} Demo")
    grant_role(made, role, at=AT, actor_id=None, task_force_id=text.task_force_id)
    return made


def copy_of(text: Proposal) -> Copy:
    """The working copy."""
    return working.working(text).copy


def piece_with(text: Proposal, said: str) -> Piece:
    """The one piece that says this."""
    (found,) = [piece for piece in copy_of(text).pieces() if piece.text == said]
    return found


def section_of(text: Proposal, words: str) -> str:
    """The page of the section that has a piece with these words, behind the address of the desk."""
    part, _index = copy_of(text).place(piece_with(text, words).key)
    return f"s/{part.key}/"


def removal_of(text: Proposal, part: str) -> dict[str, str]:
    """What the button sends that takes out a section, as its page shows it now."""
    return {"act": f"remove:{part}", f"version-{part}": copy_of(text).part(part).seen}


def said(text: Proposal) -> list[str]:
    """What every piece says, in order."""
    return [piece.text for piece in copy_of(text).pieces() if not piece.is_dates]


def published(text: Proposal, editor: User, *, is_minor: bool = False, summary: str = "put right") -> Revision:
    """Publish the working copy as it is."""
    token = working.working(text).token
    return publish_draft(text.pk, summary=summary, is_minor=is_minor, expected=token, editor=editor, at=AT)


class Desk:
    """A browser on the pages of the sample text's working copy."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        if user:
            self.client.force_login(user)

    def get(self, tail: str = "", language: str = "en") -> Any:
        """A page."""
        return self.client.get(f"/{language}/tf/{T}/proposals/proposal/edit/{tail}")

    def fields(self, tail: str) -> dict[str, Any]:
        """What the main form of a page would send as it is shown."""
        form = self.get(tail).context["form"]
        values = {name: form[name].value() for name in form.fields}
        return {name: value for name, value in values.items() if value is not None}

    def post(self, tail: str, data: dict[str, Any]) -> Any:
        """Send a form."""
        return self.client.post(f"/en/tf/{T}/proposals/proposal/edit/{tail}", data)

    def press(self, tail: str, act: str, **typed: str) -> Any:
        """Open a page, type into some of its fields (dashes as `__`), press a button."""
        changes = {name.replace("__", "-"): value for name, value in typed.items()}
        return self.post(tail, {**self.fields(tail), **changes, "act": act})


def text_of(response: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())

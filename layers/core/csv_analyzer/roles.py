"""Roles: what a caller may do, by the group of Cognito that the token names."""

import re
from enum import StrEnum

_SEPARATED = re.compile(r"[^\s,\[\]]+")


class Role(StrEnum):
    """Roles in rising order: each may do what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Return whether this role may do what the needed one may."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER = tuple(Role)


def role_of(groups: str, without_group: Role) -> Role:
    """Return the highest role among the groups of a token.

    Parameters
    ----------
    groups : str
        The claim ``cognito:groups`` as API Gateway hands it on: names with commas or blanks between them.
    without_group : Role
        Role of who is in none of the roles' groups.
    """
    named = set(_SEPARATED.findall(groups))
    return max((role for role in Role if role in named), key=_ORDER.index, default=without_group)

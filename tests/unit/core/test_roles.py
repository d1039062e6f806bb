"""Rules for roles."""

import pytest

from csv_analyzer.roles import Role, role_of


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("", Role.EDITOR),
        ("somebody", Role.EDITOR),
        ("viewer", Role.VIEWER),
        ("viewer,admin", Role.ADMIN),
        ("[editor viewer]", Role.EDITOR),
        ("administrators,viewer", Role.VIEWER),
        ("ADMIN", Role.EDITOR),
    ],
)
def test_the_highest_group_counts_and_only_by_its_exact_name(groups: str, role: Role) -> None:
    assert role_of(groups, Role.EDITOR) is role


def test_each_role_may_do_what_those_before_it_may() -> None:
    assert [[role.covers(needed) for needed in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]

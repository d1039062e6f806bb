"""Intrinsic functions answer as CloudFormation does."""

import pytest

from infra.local.intrinsics import NO_VALUE, Resolver, TemplateError

REFERENCES = {"Name": "data", "Parts": ["a", "b"], "Stage": "production", "AWS::Region": "eu-north-1"}
CONDITIONS = {
    "IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]},
    "IsTest": {"Fn::Not": [{"Condition": "IsProduction"}]},
    "Either": {"Fn::Or": [{"Condition": "IsProduction"}, {"Condition": "IsTest"}]},
    "Both": {"Fn::And": [{"Condition": "IsProduction"}, {"Condition": "IsTest"}]},
}


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(
        REFERENCES.__getitem__,
        lambda logical_id, attribute: f"<{logical_id}.{attribute}>",
        CONDITIONS,
        {"Sizes": {"small": {"memory": 128}}},
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "data"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "<Queue.Arn>"),
        ({"Fn::GetAtt": "Queue.Arn"}, "<Queue.Arn>"),
        ({"Fn::Sub": "${Name}-${Queue.Arn}-${!Literal}"}, "data-<Queue.Arn>-${Literal}"),
        ({"Fn::Sub": ["${x}/${Name}", {"x": {"Ref": "Stage"}}]}, "production/data"),
        ({"Fn::Join": ["-", [{"Ref": "Name"}, "x"]]}, "data-x"),
        ({"Fn::Join": [",", {"Ref": "Parts"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Ref": "Parts"}]}, "b"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 128),
        ({"Fn::GetAZs": ""}, ["eu-north-1a", "eu-north-1b", "eu-north-1c"]),
        ({"Fn::If": ["IsProduction", 1, 2]}, 1),
        ({"Fn::If": ["IsTest", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"a": {"Fn::If": ["Both", 1, {"Ref": "AWS::NoValue"}]}, "b": 1}, {"b": 1}),
    ],
)
def test_an_intrinsic_function_is_evaluated(resolver: Resolver, value, expected):
    assert resolver.resolve(value) == expected


def test_no_value_at_the_top_is_told_from_an_empty_value(resolver: Resolver):
    assert resolver.resolve({"Ref": "AWS::NoValue"}) is NO_VALUE


def test_a_condition_block_of_a_policy_is_no_intrinsic(resolver: Resolver):
    statement = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert resolver.resolve(statement) == statement


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Fn::Cidr": ["10.0.0.0/16", 1]}, "cannot evaluate Fn::Cidr"),
        ({"Fn::Select": [5, ["a"]]}, "no item 5"),
        ({"Fn::FindInMap": ["Sizes", "large", "memory"]}, "no large.memory"),
        ({"Fn::If": ["Unknown", 1, 2]}, "condition Unknown is not declared"),
    ],
)
def test_what_cannot_be_evaluated_is_said(resolver: Resolver, value, message):
    with pytest.raises(TemplateError, match=message):
        resolver.resolve(value)

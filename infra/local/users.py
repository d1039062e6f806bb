"""People of the local stack: users of the template's pool, their tokens, and who verifies these."""

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

from infra.local.specs import UserPool
from infra.local.template import Template, TemplateError
from infra.local.tokens import TokenVerifier


def create_user(template: Template, cognito: Any, email: str, password: str, groups: Sequence[str]) -> str:
    """Create a confirmed user in the template's first user pool and return its sub."""
    pool_id = template.resolve({"Ref": _pool(template).logical_id})
    user = cognito.admin_create_user(
        UserPoolId=pool_id,
        Username=email,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        MessageAction="SUPPRESS",
    )["User"]
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=email, Password=password, Permanent=True)
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=email, GroupName=group)
    return next(str(item["Value"]) for item in user["Attributes"] if item["Name"] == "sub")


def tokens(template: Template, cognito: Any, email: str, password: str) -> dict[str, str]:
    """Sign a user in with the template's first client; returns IdToken, AccessToken, RefreshToken."""
    client = next(iter(_pool(template).clients))
    answer = cognito.initiate_auth(
        ClientId=template.resolve({"Ref": client}),
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    result: dict[str, str] = answer["AuthenticationResult"]
    return result


def token_verifiers(template: Template, aws_url: str) -> dict[str, TokenVerifier]:
    """Return a verifier for each user pool, by the id of the pool, with the keys that the pool publishes."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    verifiers = {}
    for logical_id, pool in template.user_pools.items():
        pool_id = template.resolve({"Ref": logical_id})
        with opener.open(f"{aws_url}/{pool_id}/.well-known/jwks.json", timeout=30) as answer:
            key_set = json.load(answer)
        issuer = template.resolve({"Fn::GetAtt": [logical_id, "ProviderURL"]})
        clients = [template.resolve({"Ref": name}) for name in pool.clients]
        verifiers[pool_id] = TokenVerifier(key_set, issuer, clients)
    return verifiers


def _pool(template: Template) -> UserPool:
    pools = template.user_pools
    if not pools:
        raise TemplateError("the template has no user pool")
    return next(iter(pools.values()))

"""The command line before anything else: configure and login."""

import pytest

from csv_analyzer_client.client import Client
from csv_analyzer_client.settings import Profiles
from tests.unit.client.fake_service import COGNITO, SERVICE, answer, id_token, problem


def test_the_password_comes_from_stdin_and_the_tokens_are_kept(service, cli):
    cli("logout")
    service.on(
        "POST",
        f"{COGNITO}/",
        answer({"AuthenticationResult": {"IdToken": id_token("new"), "RefreshToken": "r", "ExpiresIn": 60}}),
    )
    done = cli("login", "-e", "a@example.com", "--password-stdin", stdin="se cret\n")
    assert done.exit_code == 0, done.output
    assert "a@example.com" in done.stdout
    assert service.body()["AuthParameters"]["PASSWORD"] == "se cret"
    assert "se cret" not in done.output
    assert id_token("new") not in done.output
    assert Client().store.load().id_token == id_token("new")


def test_challenges_are_answered_from_the_environment(service, cli, monkeypatch):
    for name, value in {
        "PASSWORD": "old",
        "EMAIL": "a@example.com",
        "NEW_PASSWORD": "new",
        "MFA_CODE": "123456",
    }.items():
        monkeypatch.setenv(f"CSV_ANALYZER_{name}", value)
    service.on(
        "POST",
        f"{COGNITO}/",
        answer({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s", "ChallengeParameters": {}}),
        answer({"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s", "ChallengeParameters": {}}),
        answer({"AuthenticationResult": {"IdToken": id_token(), "RefreshToken": "r", "ExpiresIn": 60}}),
    )
    assert cli("login").exit_code == 0
    answers = [request["ChallengeResponses"] for request in map(service.body, (-2, -1))]
    assert answers[0]["NEW_PASSWORD"] == "new"
    assert answers[1]["SOFTWARE_TOKEN_MFA_CODE"] == "123456"


def test_configure_asks_the_service_and_keeps_the_answer_by_profile(service, cli):
    told = {"region": "eu-west-1", "user_pool_client_id": "told", "cognito_url": COGNITO, "version": "1"}
    service.on("GET", "https://new.example.com/v1/config", answer(told))
    assert cli("configure", "https://new.example.com/v1/", "--profile", "new").exit_code == 0
    profiles = Profiles.load()
    assert profiles.current == "new"
    assert profiles.services["new"].url == "https://new.example.com/v1"
    assert profiles.services["new"].user_pool_client_id == "told"
    assert profiles.services["default"] == SERVICE
    assert cli("profiles", "--use", "default").exit_code == 0
    assert Profiles.load().current == "default"


def test_configure_needs_no_answer_if_everything_is_given(service, cli):
    done = cli("configure", "https://x.example.com", "--region", "eu-west-1", "--client-id", "c")
    assert done.exit_code == 0
    assert service.requests == []
    assert Profiles.load().services["default"].cognito_url == "https://cognito-idp.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    "told",
    [
        problem(404, "not_found"),
        answer(
            {
                "region": "eu-west-1",
                "user_pool_client_id": "c",
                "cognito_url": "http://evil.example.com",
                "version": "1",
            }
        ),
        answer({}),
    ],
)
def test_configure_keeps_nothing_that_is_not_safe(service, cli, told):
    service.on("GET", "https://new.example.com/config", told)
    assert cli("configure", "https://new.example.com", "-p", "new").exit_code == 2
    assert "new" not in Profiles.load().services

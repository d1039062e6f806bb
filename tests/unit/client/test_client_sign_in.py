"""Sign-in: Cognito's calls, challenges, refreshing, and where tokens are kept."""

import json
import stat
import time

import httpx
import pytest

from csv_analyzer_client.cognito import AUTHENTICATOR_CODE, NEW_PASSWORD
from csv_analyzer_client.connection import StoredTokens
from csv_analyzer_client.errors import (
    BadAnswerError,
    LimitReachedError,
    NotSignedInError,
    ServiceError,
    SignInError,
    UnauthorizedError,
)
from csv_analyzer_client.tokens import Tokens, claims_of
from tests.unit.client.fake_service import COGNITO, DATASET, URL, answer, id_token, problem, tokens


def result(name="one", refresh="refresh", **more):
    given = {"IdToken": id_token(name), "AccessToken": "a", "ExpiresIn": 3600, **more}
    return answer({"AuthenticationResult": given | ({"RefreshToken": refresh} if refresh else {})})


def refusal(name, status=400):
    return answer({"__type": f"com.amazonaws#{name}", "message": "M"}, status)


def never(challenge):
    raise AssertionError(challenge)


def signed_in(service, seconds=3600.0, **more):
    client = service.client(None)
    client.store.save(tokens(seconds=seconds, **more))
    return client


def test_sign_in_is_initiate_auth_with_the_password(service):
    service.on("POST", f"{COGNITO}/", result())
    client = service.client(None)
    client.login("a@example.com", "secret", never)
    (request,) = service.requests
    assert request.headers["X-Amz-Target"] == "AWSCognitoIdentityProviderService.InitiateAuth"
    assert request.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert "Authorization" not in request.headers
    assert service.body() == {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "a@example.com", "PASSWORD": "secret"},
        "ClientId": "app",
    }
    assert client.id_token() == id_token()


def test_challenges_are_answered_in_turn(service):
    first = {
        "ChallengeName": NEW_PASSWORD,
        "Session": "s1",
        "ChallengeParameters": {"USER_ID_FOR_SRP": "u-1"},
    }
    second = {"ChallengeName": AUTHENTICATOR_CODE, "Session": "s2", "ChallengeParameters": {}}
    service.on("POST", f"{COGNITO}/", answer(first), answer(second), result())
    asked = []

    def reply(challenge):
        asked.append(challenge)
        return {NEW_PASSWORD: "Newer-Password-2", AUTHENTICATOR_CODE: "123456"}[challenge]

    service.client(None).login("a@example.com", "old", reply)
    assert asked == [NEW_PASSWORD, AUTHENTICATOR_CODE]
    assert service.body(1) == {
        "ChallengeName": NEW_PASSWORD,
        "ChallengeResponses": {"USERNAME": "u-1", "NEW_PASSWORD": "Newer-Password-2"},
        "Session": "s1",
        "ClientId": "app",
    }
    assert service.body(2)["ChallengeResponses"] == {
        "USERNAME": "a@example.com",
        "SOFTWARE_TOKEN_MFA_CODE": "123456",
    }
    assert service.body(2)["Session"] == "s2"


@pytest.mark.parametrize(
    ("reply", "kind", "sentence"),
    [
        (refusal("NotAuthorizedException"), SignInError, "wrong"),
        (refusal("UserNotFoundException"), SignInError, "wrong"),
        (refusal("CodeMismatchException"), SignInError, "code is wrong"),
        (refusal("InvalidPasswordException"), SignInError, "^M$"),
        (refusal("TooManyRequestsException"), LimitReachedError, "wait"),
        (refusal("InternalErrorException", 500), ServiceError, "not available"),
        (httpx.Response(400, content=b"<html>"), SignInError, "refused"),
        (answer({"ChallengeName": "SMS_MFA"}), SignInError, "SMS_MFA"),
        (answer({"ChallengeName": NEW_PASSWORD, "Session": 5}), SignInError, "given up"),
        (answer({}), BadAnswerError, "no ID token"),
        (answer([]), BadAnswerError, "no object"),
        (answer({"AuthenticationResult": {"IdToken": 5}}), BadAnswerError, "no ID token"),
    ],
)
def test_refusals_are_sentences_and_nothing_is_stored(service, reply, kind, sentence):
    service.on("POST", f"{COGNITO}/", reply)
    client = service.client(None)
    with pytest.raises(kind, match=sentence):
        client.login("a@example.com", "x", lambda _: "y")
    assert client.store.load() is None


def test_tokens_are_for_their_owner_alone_and_written_whole(service, home):
    client = signed_in(service)
    path = home / "state" / "csv-analyzer" / "tokens" / "default.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    client.store.save(tokens("two"))
    assert [file.name for file in path.parent.iterdir()] == ["default.json"]
    assert client.store.load() == pytest.approx(client.store.load())
    path.chmod(0o644)
    assert client.store.load().id_token == id_token("two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_tokens_before(service, monkeypatch):
    client = signed_in(service)

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(Exception, match="No space left"):
        client.store.save(tokens("two"))
    assert client.store.load().id_token == id_token("one")
    assert len(list(client.store.path.parent.iterdir())) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"id_token": 1}', "\x00", "[" * 100_000])
def test_a_damaged_file_means_not_signed_in(service, content):
    client = signed_in(service)
    client.store.path.write_text(content)
    with pytest.raises(NotSignedInError, match="csv-analyzer login"):
        client.dataset("d1")
    assert service.requests == []


def test_a_token_never_shows_itself():
    assert id_token() not in repr(tokens())


def test_a_token_is_renewed_before_it_ends(service):
    service.on("POST", f"{COGNITO}/", result("two", refresh=None))
    service.on("GET", "/datasets/d1", answer(DATASET))
    client = signed_in(service, seconds=30)
    client.dataset("d1")
    refresh, call = service.requests
    assert json.loads(refresh.content)["AuthFlow"] == "REFRESH_TOKEN_AUTH"
    assert json.loads(refresh.content)["AuthParameters"] == {"REFRESH_TOKEN": "refresh"}
    assert call.headers["Authorization"] == id_token("two")
    stored = client.store.load()
    assert (stored.id_token, stored.refresh_token) == (id_token("two"), "refresh")
    assert stored.expires_at > time.time() + 3_000


def test_a_rotated_refresh_token_is_kept(service):
    service.on("POST", f"{COGNITO}/", result("two", refresh="rotated"))
    service.on("GET", "/datasets/d1", answer(DATASET))
    client = signed_in(service, seconds=30)
    client.dataset("d1")
    assert client.store.load().refresh_token == "rotated"


def test_a_refused_token_is_renewed_once(service):
    service.on("POST", f"{COGNITO}/", result("two"))
    service.on("POST", "/datasets/d1/train", problem(401, "token_expired", "The token has expired."))
    client = signed_in(service)
    with pytest.raises(UnauthorizedError, match="expired"):
        client.train("d1", "price")
    assert service.calls == ["POST /v1/datasets/d1/train", "POST /", "POST /v1/datasets/d1/train"]
    assert service.requests[-1].headers["Authorization"] == id_token("two")


def test_another_process_may_have_renewed_it(service):
    client = signed_in(service)

    def refuse(request):
        client.store.save(tokens("theirs"))
        return answer(DATASET) if request.headers["Authorization"] == id_token("theirs") else problem(401)

    service.on("GET", "/datasets/d1", refuse)
    assert client.dataset("d1").id == "d1"
    assert service.calls == ["GET /v1/datasets/d1"] * 2


def test_a_session_that_ended_says_so(service):
    service.on("POST", f"{COGNITO}/", refusal("NotAuthorizedException"))
    with pytest.raises(NotSignedInError, match=r"session has ended.*csv-analyzer login") as caught:
        signed_in(service, seconds=0).dataset("d1")
    assert caught.value.exit_code == 3


def test_tokens_are_shown_to_their_service_only(service):
    client = signed_in(service)
    other = tokens()
    client.store.save(
        Tokens(other.id_token, "r", other.expires_at, "https://other.example.com", COGNITO, "app")
    )
    with pytest.raises(NotSignedInError):
        client.dataset("d1")
    assert service.requests == []


def test_a_given_token_is_used_as_it_is(service, monkeypatch):
    monkeypatch.setenv("CSV_ANALYZER_TOKEN", "from-ci\n")
    service.on("GET", "/datasets/d1", problem(401, "unauthorized", "Sign in."))
    with pytest.raises(UnauthorizedError):
        service.client(None).dataset("d1")
    (request,) = service.requests
    assert request.headers["Authorization"] == "from-ci"


def test_logout_revokes_and_forgets(service):
    client = signed_in(service)
    service.on("POST", f"{COGNITO}/", httpx.Response(200))
    assert client.logout() is True
    assert service.requests[0].headers["X-Amz-Target"].endswith(".RevokeToken")
    assert service.body() == {"Token": "refresh", "ClientId": "app"}
    assert client.store.load() is None
    assert client.logout() is False


def test_tokens_are_forgotten_even_if_they_can_not_be_revoked(service):
    client = signed_in(service)
    service.on("POST", f"{COGNITO}/", httpx.Response(500, content=b"<html>"))
    with pytest.raises(ServiceError):
        client.logout()
    assert client.store.load() is None


def test_renewal_asks_again_with_the_clock_that_it_is_given(service):
    client = signed_in(service)
    service.on("POST", f"{COGNITO}/", result("two"))
    later = StoredTokens(client.store, client.cognito, lambda: time.time() + 3_590)
    assert later.id_token() == id_token("two")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.e30x.c", "a.WzFd.c", "é.é.é"])
def test_claims_of_what_is_no_token_are_none(token):
    assert claims_of(token) == {}


def test_the_service_is_asked_nothing_without_a_token(service):
    service.on(
        "GET",
        "/config",
        answer(dict.fromkeys(("region", "user_pool_client_id", "cognito_url", "version"), "x")),
    )
    told = service.client(None).config()
    assert (told.region, told.role_without_group, told.self_sign_up) == ("x", None, None)
    assert "Authorization" not in service.requests[0].headers
    assert str(service.requests[0].url) == f"{URL}/config"

"""Sign-in with Amazon Cognito by plain HTTPS.

The calls are those of the Cognito Identity Provider API, which need no AWS credentials: InitiateAuth,
RespondToAuthChallenge and RevokeToken.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from csv_analyzer_client.errors import (
    BadAnswerError,
    LimitReachedError,
    ServiceError,
    SignInError,
    UsageError,
)
from csv_analyzer_client.settings import Service
from csv_analyzer_client.tokens import Tokens
from csv_analyzer_client.wire import Answer, Wire

NEW_PASSWORD: Final = "NEW_PASSWORD_REQUIRED"  # noqa: S105  # a challenge's name
AUTHENTICATOR_CODE: Final = "SOFTWARE_TOKEN_MFA"
# The field of the answer to each challenge.
_ANSWER_FIELDS: Final = {NEW_PASSWORD: "NEW_PASSWORD", AUTHENTICATOR_CODE: "SOFTWARE_TOKEN_MFA_CODE"}
_MOST_CHALLENGES: Final = 4
_BUSY: Final = {"TooManyRequestsException", "LimitExceededException"}
_SENTENCES: Final = {
    "NotAuthorizedException": "The e-mail address or the password is wrong, or the session has ended.",
    "UserNotFoundException": "The e-mail address or the password is wrong, or the session has ended.",
    "UserNotConfirmedException": "The account is not confirmed yet: confirm it with the code in the e-mail.",
    "PasswordResetRequiredException": "The password must be reset: ask who runs the service.",
    "CodeMismatchException": "The code is wrong.",
    "ExpiredCodeException": "The code has expired.",
    "ResourceNotFoundException": "Cognito does not know this app client: run csv-analyzer configure again.",
}

type AskUser = Callable[[str], str]


@dataclass(frozen=True)
class Cognito:
    """The sign-in of one stack.

    Parameters
    ----------
    wire : Wire
        Sends requests.
    service : Service
        Whose Cognito and app client are used.
    """

    wire: Wire
    service: Service

    def sign_in(self, email: str, password: str, answer: AskUser) -> Tokens:
        """Sign in with a password.

        Parameters
        ----------
        email, password : str
            Of the user.
        answer : callable
            Called with :data:`NEW_PASSWORD` or :data:`AUTHENTICATOR_CODE` when Cognito asks for it.

        Raises
        ------
        SignInError
            If Cognito refuses, or asks for something else.
        """
        reply = self._call(
            "InitiateAuth",
            {
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": email, "PASSWORD": password},
            },
        )
        for _ in range(_MOST_CHALLENGES):
            challenge = reply.get("ChallengeName")
            if challenge is None:
                return self._tokens(reply, "")
            reply = self._respond(str(challenge), reply, email, answer)
        raise SignInError("Cognito asks for more and more: sign-in was given up.")

    def refresh(self, tokens: Tokens) -> Tokens:
        """New tokens for those that end.

        Raises
        ------
        SignInError
            If the refresh token is not accepted any more.
        """
        reply = self._call(
            "InitiateAuth",
            {
                "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": {"REFRESH_TOKEN": tokens.refresh_token},
            },
        )
        return self._tokens(reply, tokens.refresh_token)

    def revoke(self, tokens: Tokens) -> None:
        """End the refresh token, and with it all tokens that it gave.

        Raises
        ------
        ClientError
            If Cognito does not do it.
        """
        self._call("RevokeToken", {"Token": tokens.refresh_token})

    def _respond(
        self, challenge: str, reply: Mapping[str, Any], email: str, answer: AskUser
    ) -> Mapping[str, Any]:
        field = _ANSWER_FIELDS.get(challenge)
        if field is None:
            raise SignInError(
                f"Cognito asks for {challenge[:50]}, which this client does not know: sign in once elsewhere."
            )
        parameters = reply.get("ChallengeParameters")
        known = parameters.get("USER_ID_FOR_SRP") if isinstance(parameters, dict) else None
        responses = {"USERNAME": known if isinstance(known, str) else email, field: answer(challenge)}
        request = {"ChallengeName": challenge, "ChallengeResponses": responses}
        if isinstance(reply.get("Session"), str):
            request["Session"] = reply["Session"]
        return self._call("RespondToAuthChallenge", request)

    def _tokens(self, reply: Mapping[str, Any], refresh_token: str) -> Tokens:
        result = reply.get("AuthenticationResult")
        if not isinstance(result, dict) or not isinstance(result.get("IdToken"), str):
            raise BadAnswerError("Cognito's answer holds no ID token.")
        seconds = result.get("ExpiresIn", 3600)
        # A pool may rotate refresh tokens; without rotation the answer has none.
        renewed = result.get("RefreshToken", refresh_token)
        return Tokens(
            id_token=result["IdToken"],
            refresh_token=renewed if isinstance(renewed, str) else refresh_token,
            expires_at=time.time() + (float(seconds) if isinstance(seconds, int | float) else 0.0),
            url=self.service.url,
            cognito_url=self.service.cognito_url,
            user_pool_client_id=self.service.user_pool_client_id,
        )

    def _call(self, action: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.service.cognito_url or not self.service.user_pool_client_id:
            raise UsageError("It is not known where to sign in. Run: csv-analyzer configure URL")
        answer = self.wire.send(
            "POST",
            self.service.cognito_url + "/",
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
            },
            json={**request, "ClientId": self.service.user_pool_client_id},
            # Nothing happens twice by asking twice, except that a challenge is answered once.
            repeat=action == "InitiateAuth",
        )
        if answer.status != 200:
            raise _refusal(answer.status, _object(answer))
        return _object(answer) if answer.content else {}


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        content = answer.json()
    except BadAnswerError:
        if answer.status == 200:
            raise
        return {}
    if not isinstance(content, dict):
        raise BadAnswerError("Cognito's answer is no object.")
    return content


def _refusal(status: int, content: Mapping[str, Any]) -> SignInError | ServiceError | LimitReachedError:
    name = str(content.get("__type", "")).rpartition("#")[2][:80]
    text = content.get("message", content.get("Message"))
    said = text[:500] if isinstance(text, str) else ""
    if name in _BUSY or status == 429:
        return LimitReachedError(
            429, {"code": "too_many_requests", "detail": "Too many tries: wait a while."}
        )
    if status >= 500:
        return ServiceError(status, {"code": name or "cognito", "detail": "Cognito is not available."})
    error = SignInError(_SENTENCES.get(name) or said or "Cognito refused to sign in.")
    error.code = name or error.code
    return error

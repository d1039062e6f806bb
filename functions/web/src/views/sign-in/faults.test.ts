import { describe, expect, it } from "vitest";
import en from "@/messages/en/signIn.json";
import { CognitoError } from "@/session/cognito";
import { refusalOf } from "@/views/sign-in/faults";

const refusal = (code: string, message: string, act: Parameters<typeof refusalOf>[1]) =>
  refusalOf(new CognitoError(code, message), act);

describe("refusalOf", () => {
  it.each([
    ["signIn", "Incorrect username or password.", "wrongPassword", "password"],
    ["signIn", "Password attempts exceeded", "tooManyAttempts", null],
    ["signIn", "User is disabled.", "disabled", null],
    [
      "signIn",
      "Temporary password has expired and must be reset by an administrator.",
      "expiredPassword",
      null,
    ],
    ["newPassword", "Invalid session for the user, session is expired.", "expiredSession", null],
    ["authenticator", "Invalid session for the user.", "expiredSession", null],
    ["signUp", "SignUp is not permitted for this user pool", "signUpClosed", null],
    ["confirm", "User cannot be confirmed. Current status is CONFIRMED", "alreadyConfirmed", null],
  ] as const)("reads NotAuthorizedException of %s: %s", (act, message, key, field) => {
    expect(refusal("NotAuthorizedException", message, act)).toEqual({ key, field });
  });

  it("puts a fault beside its field", () => {
    expect(refusal("UsernameExistsException", "", "signUp")).toEqual({ key: "userExists", field: "email" });
    expect(refusal("CodeMismatchException", "", "reset")).toEqual({ key: "wrongCode", field: "code" });
    expect(refusal("InvalidPasswordException", "", "reset")).toEqual({
      key: "weakPassword",
      field: "password",
    });
  });

  it("leaves to Cognito's words what it does not know", () => {
    expect(refusal("InvalidParameterException", "Invalid email address format.", "signUp").key).toBeNull();
    expect(refusal("SomethingNewException", "Never seen.", "signIn")).toEqual({ key: null, field: null });
  });

  it("has a sentence for every code that these calls can answer with", () => {
    const codes = [
      "NotAuthorizedException",
      "UserNotFoundException",
      "UsernameExistsException",
      "AliasExistsException",
      "CodeMismatchException",
      "ExpiredCodeException",
      "EnableSoftwareTokenMFAException",
      "InvalidPasswordException",
      "PasswordHistoryPolicyViolationException",
      "LimitExceededException",
      "TooManyRequestsException",
      "TooManyFailedAttemptsException",
      "CodeDeliveryFailureException",
      "InvalidEmailRoleAccessPolicyException",
      "UserNotConfirmedException",
      "PasswordResetRequiredException",
      "ResourceNotFoundException",
      "ForbiddenException",
      "InternalErrorException",
    ];
    for (const code of codes) {
      const { key } = refusal(code, "", "signIn");
      expect(key, code).not.toBeNull();
      expect(en.refusals, code).toHaveProperty(String(key));
    }
  });
});

import type { CognitoError } from "@/session/cognito";

/** What was being done when Cognito refused: the same exception means different things. */
export type Act =
  | "signIn"
  | "newPassword"
  | "authenticator"
  | "signUp"
  | "confirm"
  | "resend"
  | "forgot"
  | "reset";

/** The field that a refusal is about; null is none in particular. */
export type Field = "email" | "password" | "code" | null;

export type Refusal = { key: RefusalKey | null; field: Field };

// Every key has a sentence of its own below `refusals` in the messages.
const ALWAYS = {
  UserNotFoundException: ["unknownUser", "email"],
  UsernameExistsException: ["userExists", "email"],
  AliasExistsException: ["userExists", "email"],
  CodeMismatchException: ["wrongCode", "code"],
  EnableSoftwareTokenMFAException: ["wrongCode", "code"],
  ExpiredCodeException: ["expiredCode", "code"],
  InvalidPasswordException: ["weakPassword", "password"],
  PasswordHistoryPolicyViolationException: ["usedPassword", "password"],
  LimitExceededException: ["limit", null],
  TooManyRequestsException: ["tooManyRequests", null],
  TooManyFailedAttemptsException: ["tooManyAttempts", null],
  CodeDeliveryFailureException: ["notDelivered", null],
  InvalidEmailRoleAccessPolicyException: ["notDelivered", null],
  UserNotConfirmedException: ["notConfirmed", null],
  PasswordResetRequiredException: ["resetRequired", null],
  ResourceNotFoundException: ["wrongClient", null],
  ForbiddenException: ["forbidden", null],
  InternalErrorException: ["internal", null],
} as const satisfies Record<string, readonly [string, Field]>;

// NotAuthorizedException says in its message only which of its many meanings it has.
const NOT_AUTHORIZED = [
  [/attempts exceeded/i, "tooManyAttempts"],
  [/disabled/i, "disabled"],
  [/temporary password has expired/i, "expiredPassword"],
  [/sign ?up is not permitted/i, "signUpClosed"],
  [/current status is confirmed/i, "alreadyConfirmed"],
  [/session/i, "expiredSession"],
] as const;

const BY_ACT = {
  signIn: "wrongPassword",
  newPassword: "expiredSession",
  authenticator: "expiredSession",
  signUp: "signUpClosed",
  confirm: "wrongCode",
  resend: "notPermitted",
  forgot: "notPermitted",
  reset: "notPermitted",
} as const satisfies Record<Act, string>;

const INVALID_PARAMETER = [
  [/already confirmed/i, "alreadyConfirmed"],
  [/no registered\/verified/i, "noVerifiedEmail"],
] as const;

export type RefusalKey =
  | (typeof ALWAYS)[keyof typeof ALWAYS][0]
  | (typeof NOT_AUTHORIZED)[number][1]
  | (typeof INVALID_PARAMETER)[number][1]
  | (typeof BY_ACT)[Act];

const FIELDS: Partial<Record<RefusalKey, Field>> = {
  wrongPassword: "password",
  wrongCode: "code",
  noVerifiedEmail: "email",
};

/** What a refusal of Cognito means; `key` is null where only Cognito's own words can say it. */
export function refusalOf(error: CognitoError, act: Act): Refusal {
  if (error.code in ALWAYS) {
    const [key, field] = ALWAYS[error.code as keyof typeof ALWAYS];
    return { key, field };
  }
  const key = meaningOf(error, act);
  return { key, field: (key && FIELDS[key]) ?? null };
}

function meaningOf(error: CognitoError, act: Act): RefusalKey | null {
  const among = (meanings: readonly (readonly [RegExp, RefusalKey])[]) =>
    meanings.find(([words]) => words.test(error.message))?.[1];
  if (error.code === "NotAuthorizedException") {
    return among(NOT_AUTHORIZED) ?? BY_ACT[act];
  }
  if (error.code === "InvalidParameterException") {
    return among(INVALID_PARAMETER) ?? null;
  }
  return null;
}

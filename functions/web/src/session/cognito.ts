import { UnreachableError } from "@/api/problem";

/** The calls of Amazon Cognito's user pools API that a page needs; none takes AWS credentials.
 *
 * Source: Amazon Cognito user pools API reference, protocol AWS JSON 1.1.
 */

export type Tokens = { idToken: string; accessToken: string; refreshToken: string };

/** What Cognito wants to know before it hands out tokens. */
export type Challenge = { name: string; session: string; user: string };

export type SignInStep = { tokens: Tokens } | { challenge: Challenge };

/** Cognito refused; `code` is the name of its exception, such as `NotAuthorizedException`. */
export class CognitoError extends Error {
  override name = "CognitoError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type AuthenticationResult = { IdToken: string; AccessToken: string; RefreshToken?: string };
type AuthAnswer = {
  AuthenticationResult?: AuthenticationResult;
  ChallengeName?: string;
  Session?: string;
};

export class Cognito {
  private readonly url: string;
  private readonly clientId: string;

  constructor(url: string, clientId: string) {
    this.url = url;
    this.clientId = clientId;
  }

  async signIn(email: string, password: string): Promise<SignInStep> {
    const answer = await this.call<AuthAnswer>("InitiateAuth", {
      ClientId: this.clientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: email, PASSWORD: password },
    });
    return step(answer, email);
  }

  /** Answer a challenge: `responses` without the user's name, for example `{NEW_PASSWORD: "..."}`. */
  async answer(challenge: Challenge, responses: Record<string, string>): Promise<SignInStep> {
    const answer = await this.call<AuthAnswer>("RespondToAuthChallenge", {
      ClientId: this.clientId,
      ChallengeName: challenge.name,
      Session: challenge.session,
      ChallengeResponses: { USERNAME: challenge.user, ...responses },
    });
    return step(answer, challenge.user);
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    const answer = await this.call<AuthAnswer>("InitiateAuth", {
      ClientId: this.clientId,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
    if (!answer.AuthenticationResult) {
      throw new CognitoError(answer.ChallengeName ?? "Unknown", "A refresh was answered with a challenge.");
    }
    return { ...tokensOf(answer.AuthenticationResult), refreshToken };
  }

  async signUp(email: string, password: string): Promise<void> {
    await this.call("SignUp", {
      ClientId: this.clientId,
      Username: email,
      Password: password,
      UserAttributes: [{ Name: "email", Value: email }],
    });
  }

  async confirmSignUp(email: string, code: string): Promise<void> {
    await this.call("ConfirmSignUp", { ClientId: this.clientId, Username: email, ConfirmationCode: code });
  }

  async resendCode(email: string): Promise<void> {
    await this.call("ResendConfirmationCode", { ClientId: this.clientId, Username: email });
  }

  async forgotPassword(email: string): Promise<void> {
    await this.call("ForgotPassword", { ClientId: this.clientId, Username: email });
  }

  async confirmForgotPassword(email: string, code: string, password: string): Promise<void> {
    await this.call("ConfirmForgotPassword", {
      ClientId: this.clientId,
      Username: email,
      ConfirmationCode: code,
      Password: password,
    });
  }

  async revoke(refreshToken: string): Promise<void> {
    await this.call("RevokeToken", { ClientId: this.clientId, Token: refreshToken });
  }

  private async call<Answer>(action: string, parameters: object): Promise<Answer> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(parameters),
      credentials: "omit",
      cache: "no-store",
    }).catch((error: unknown) => {
      throw new UnreachableError(String(error));
    });
    const content = await response.json().catch(() => ({}));
    if (!response.ok) {
      // Errors may be spelled `com.amazonaws...#NotAuthorizedException`.
      const code = String(content.__type ?? "Unknown").replace(/^.*#/, "");
      throw new CognitoError(code, String(content.message ?? content.Message ?? `HTTP ${response.status}`));
    }
    return content as Answer;
  }
}

function step(answer: AuthAnswer, user: string): SignInStep {
  if (answer.AuthenticationResult) {
    return { tokens: tokensOf(answer.AuthenticationResult) };
  }
  return {
    challenge: { name: answer.ChallengeName ?? "Unknown", session: answer.Session ?? "", user },
  };
}

function tokensOf(result: AuthenticationResult): Tokens {
  return {
    idToken: result.IdToken,
    accessToken: result.AccessToken,
    refreshToken: result.RefreshToken ?? "",
  };
}

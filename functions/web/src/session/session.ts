import type { components } from "@/api/contract";
import { ProblemError, problemOf, UnreachableError } from "@/api/problem";
import { API_URL } from "@/location";
import { Cognito, CognitoError, type Tokens } from "@/session/cognito";

export type Role = "viewer" | "editor" | "admin";
export type ClientConfig = components["schemas"]["ClientConfig"];
export type User = { sub: string; email: string; role: Role };
export type SessionState =
  | { status: "starting" }
  | { status: "unreachable" }
  /** Who wished it is done with what was shown; a session that ended by itself is taken up there. */
  | { status: "signed-out"; isWished?: boolean }
  | { status: "signed-in"; user: User };

// Whatever the page keeps in this tab begins so: the refresh token, and drafts that outlive a reload.
const KEPT = "csv-analyzer.";
const REFRESH_TOKEN_KEY = `${KEPT}refresh-token`;
const OWNER_KEY = `${KEPT}owner`;
// After these a refresh token is as good as before.
const PASSING = new Set(["TooManyRequestsException", "LimitExceededException", "InternalErrorException"]);
const ROLES: readonly Role[] = ["viewer", "editor", "admin"];
// A token is renewed this long before it ends, so that a slow request still carries a valid one.
const RENEW_BEFORE_SECONDS = 60;

/** Who is signed in. Tokens stay in memory; the refresh token alone outlives a reload, in this tab. */
export class Session {
  state: SessionState = { status: "starting" };
  private readonly listeners = new Set<() => void>();
  private tokens: Tokens | null = null;
  private renewal: Promise<void> | null = null;
  private loaded: Promise<ClientConfig> | null = null;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): SessionState => this.state;

  /** Take up the session of before a reload, if there was one. */
  async start(): Promise<void> {
    const refreshToken = sessionStorage.getItem(REFRESH_TOKEN_KEY);
    if (!refreshToken) {
      this.become({ status: "signed-out" });
      return;
    }
    this.become({ status: "starting" });
    try {
      await this.open(await this.refresh(refreshToken));
    } catch (error) {
      if (error instanceof CognitoError) {
        this.forget();
      } else {
        this.become({ status: "unreachable" });
      }
    }
  }

  /** Begin with tokens that a sign-in brought. */
  async open(tokens: Tokens): Promise<void> {
    const config = await this.config();
    const user = userOf(tokens.idToken, config.role_without_group);
    // A session that ended by itself left drafts behind, which are for nobody else's eyes.
    if (![null, user.sub].includes(sessionStorage.getItem(OWNER_KEY))) {
      clearKept();
    }
    this.tokens = tokens;
    sessionStorage.setItem(OWNER_KEY, user.sub);
    sessionStorage.setItem(REFRESH_TOKEN_KEY, tokens.refreshToken);
    this.become({ status: "signed-in", user });
  }

  /** Sign out here at once, with all that was kept; at Cognito too, if it can be reached. */
  async signOut(): Promise<void> {
    const refreshToken = this.tokens?.refreshToken;
    clearKept();
    this.forget(true);
    if (refreshToken) {
      await this.cognito()
        .then((cognito) => cognito.revoke(refreshToken))
        .catch(() => undefined);
    }
  }

  /** The ID token for a request, renewed when it is about to end; null when nobody is signed in. */
  async token(): Promise<string | null> {
    if (!this.tokens) {
      return null;
    }
    if (secondsLeft(this.tokens.idToken) < RENEW_BEFORE_SECONDS) {
      await this.renew();
    }
    return this.tokens?.idToken ?? null;
  }

  /** Get new tokens; whoever asks at the same time waits for the same ones. */
  renew(): Promise<void> {
    this.renewal ??= this.renewOnce().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  async config(): Promise<ClientConfig> {
    this.loaded ??= loadConfig().catch((error: unknown) => {
      this.loaded = null;
      throw error;
    });
    return this.loaded;
  }

  async cognito(): Promise<Cognito> {
    const config = await this.config();
    return new Cognito(config.cognito_url, config.user_pool_client_id);
  }

  private async renewOnce(): Promise<void> {
    const before = this.tokens;
    if (!before) {
      return;
    }
    try {
      const tokens = await this.refresh(before.refreshToken);
      // Who has signed out meanwhile stays signed out.
      if (this.tokens === before) {
        await this.open(tokens);
      }
    } catch (error) {
      if (!(error instanceof CognitoError)) {
        throw error;
      }
      this.forget();
    }
  }

  /** New tokens; a CognitoError says that the refresh token is worth nothing any more. */
  private async refresh(refreshToken: string): Promise<Tokens> {
    const cognito = await this.cognito();
    return cognito.refresh(refreshToken).catch((error: unknown) => {
      throw error instanceof CognitoError && PASSING.has(error.code)
        ? new UnreachableError(error.message)
        : error;
    });
  }

  private forget(isWished = false): void {
    this.tokens = null;
    sessionStorage.removeItem(REFRESH_TOKEN_KEY);
    this.become({ status: "signed-out", isWished });
  }

  private become(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) {
      listener();
    }
  }
}

export const session = new Session();

/** Claims of a token. It is shown to its owner only, so its signature is left to the API. */
export function claimsOf(token: string): Record<string, unknown> {
  const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

export function userOf(idToken: string, roleWithoutGroup: Role): User {
  const claims = claimsOf(idToken);
  const groups = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"] : [];
  const role = ROLES.findLast((candidate) => groups.includes(candidate)) ?? roleWithoutGroup;
  return { sub: String(claims.sub), email: String(claims.email ?? claims["cognito:username"] ?? ""), role };
}

/** Whether a role includes another. */
export function mayDo(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

function clearKept(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(KEPT)) {
      sessionStorage.removeItem(key);
    }
  }
}

function secondsLeft(token: string): number {
  return Number(claimsOf(token).exp) - Date.now() / 1000;
}

async function loadConfig(): Promise<ClientConfig> {
  const response = await fetch(`${API_URL}/config`, { cache: "no-store" }).catch((error: unknown) => {
    throw new UnreachableError(String(error));
  });
  if (!response.ok) {
    throw new ProblemError(await problemOf(response));
  }
  return response.json();
}

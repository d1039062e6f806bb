import { beforeEach, describe, expect, it, vi } from "vitest";
import { UnreachableError } from "@/api/problem";
import { mayDo, Session, userOf } from "@/session/session";

const KEY = "csv-analyzer.refresh-token";
const CONFIG = {
  region: "r",
  user_pool_client_id: "client",
  cognito_url: "https://cognito.test",
  version: "1",
  role_without_group: "viewer",
};

/** An ID token that ends in so many seconds. */
function idToken(seconds: number, claims: object = {}): string {
  const payload = { sub: "1", email: "zoé@example.com", exp: Date.now() / 1000 + seconds, ...claims };
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  return `head.${btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")}.sign`;
}

const tokens = (seconds: number) => ({
  idToken: idToken(seconds),
  accessToken: "access",
  refreshToken: "refresh-1",
});

/** What Cognito answers next, by action; a function is asked, so that it may wait or fail. */
let cognito: Record<string, () => Promise<Response>>;
let actions: string[];
let configs: number;
let configFails: boolean;

const renewed = async () =>
  Response.json({ AuthenticationResult: { IdToken: idToken(3600), AccessToken: "access-2" } });
const refused = (code: string) => async () => Response.json({ __type: code, message: code }, { status: 400 });

beforeEach(() => {
  sessionStorage.clear();
  cognito = {};
  actions = [];
  configs = 0;
  configFails = false;
  vi.stubGlobal("fetch", async (url: string, init: { headers: Record<string, string> }) => {
    if (String(url).endsWith("/config")) {
      configs += 1;
      if (configFails) throw new TypeError("Failed to fetch");
      return Response.json(CONFIG);
    }
    const action = String(init.headers["X-Amz-Target"]).split(".")[1] ?? "";
    actions.push(action);
    return (cognito[action] ?? (async () => Response.json({})))();
  });
});

describe("start", () => {
  it("is signed out where nothing was kept, and asks nobody", async () => {
    const session = new Session();
    await session.start();
    expect(session.state).toEqual({ status: "signed-out" });
    expect(configs).toBe(0);
  });

  it("takes up the session of before a reload", async () => {
    sessionStorage.setItem(KEY, "refresh-1");
    cognito.InitiateAuth = renewed;
    const session = new Session();
    await session.start();
    const user = { email: "zoé@example.com", role: "viewer" };
    expect(session.state).toMatchObject({ status: "signed-in", user });
    expect(sessionStorage.getItem(KEY)).toBe("refresh-1");
  });

  it("forgets what Cognito no longer takes", async () => {
    sessionStorage.setItem(KEY, "refresh-1");
    cognito.InitiateAuth = refused("NotAuthorizedException");
    const session = new Session();
    await session.start();
    expect(session.state.status).toBe("signed-out");
    expect(sessionStorage.getItem(KEY)).toBeNull();
  });

  it.each([
    ["nothing listens", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["Cognito is too busy", refused("TooManyRequestsException")],
    ["Cognito has a fault", refused("InternalErrorException")],
  ])("keeps the refresh token while %s, and can be tried again", async (_, answer) => {
    sessionStorage.setItem(KEY, "refresh-1");
    cognito.InitiateAuth = answer;
    const session = new Session();
    await session.start();
    expect(session.state.status).toBe("unreachable");
    expect(sessionStorage.getItem(KEY)).toBe("refresh-1");
    cognito.InitiateAuth = renewed;
    await session.start();
    expect(session.state.status).toBe("signed-in");
  });

  it("asks for the configuration again after it could not be had", async () => {
    sessionStorage.setItem(KEY, "refresh-1");
    cognito.InitiateAuth = renewed;
    configFails = true;
    const session = new Session();
    await session.start();
    expect(session.state.status).toBe("unreachable");
    configFails = false;
    await session.start();
    expect(session.state.status).toBe("signed-in");
  });
});

describe("token", () => {
  it("hands out a token that is valid long enough as it is", async () => {
    const session = new Session();
    await session.open(tokens(3600));
    expect(await session.token()).not.toBeNull();
    expect(actions).toEqual([]);
  });

  it("renews a token that is about to end, once for all who ask", async () => {
    cognito.InitiateAuth = renewed;
    const session = new Session();
    await session.open(tokens(30));
    const handed = await Promise.all([session.token(), session.token(), session.token()]);
    expect(actions).toEqual(["InitiateAuth"]);
    expect(new Set(handed).size).toBe(1);
    expect(await session.token()).toBe(handed[0]);
  });

  it("is null after Cognito refused to renew", async () => {
    cognito.InitiateAuth = refused("NotAuthorizedException");
    const session = new Session();
    await session.open(tokens(30));
    expect(await session.token()).toBeNull();
    expect(session.state).toEqual({ status: "signed-out", isWished: false });
    expect(sessionStorage.getItem(KEY)).toBeNull();
  });

  it("fails, and forgets nothing, while Cognito can't be asked", async () => {
    cognito.InitiateAuth = () => Promise.reject(new TypeError("Failed to fetch"));
    const session = new Session();
    await session.open(tokens(30));
    await expect(session.token()).rejects.toThrow(UnreachableError);
    expect(session.state.status).toBe("signed-in");
    expect(sessionStorage.getItem(KEY)).toBe("refresh-1");
    cognito.InitiateAuth = renewed;
    expect(await session.token()).not.toBeNull();
  });
});

describe("signOut", () => {
  it("forgets at once, and revokes the refresh token", async () => {
    const session = new Session();
    await session.open(tokens(3600));
    const done = session.signOut();
    expect(session.state).toEqual({ status: "signed-out", isWished: true });
    expect(sessionStorage.getItem(KEY)).toBeNull();
    await done;
    expect(actions).toEqual(["RevokeToken"]);
  });

  it("takes along all that the page keeps in this tab", async () => {
    const session = new Session();
    await session.open(tokens(3600));
    sessionStorage.setItem("csv-analyzer.recipe.ds_1", "{}");
    sessionStorage.setItem("another", "1");
    await session.signOut();
    expect(Object.keys(sessionStorage)).toEqual(["another"]);
  });

  it("is done where Cognito can't be asked, too", async () => {
    cognito.RevokeToken = () => Promise.reject(new TypeError("Failed to fetch"));
    const session = new Session();
    await session.open(tokens(3600));
    await session.signOut();
    expect(session.state.status).toBe("signed-out");
  });

  it("is not undone by a renewal that was under way", async () => {
    let answer = (_: Response) => {};
    cognito.InitiateAuth = () => new Promise((resolve) => (answer = resolve));
    const session = new Session();
    await session.open(tokens(30));
    const token = session.token();
    await vi.waitFor(() => expect(actions).toContain("InitiateAuth"));
    await session.signOut();
    answer(await renewed());
    expect(await token).toBeNull();
    expect(session.state.status).toBe("signed-out");
    expect(sessionStorage.getItem(KEY)).toBeNull();
  });
});

describe("drafts of a session that ended by itself", () => {
  async function endAndReturn(sub: string): Promise<string | null> {
    cognito.InitiateAuth = refused("NotAuthorizedException");
    const session = new Session();
    await session.open(tokens(30));
    sessionStorage.setItem("csv-analyzer.recipe.ds_1", "draft");
    expect(await session.token()).toBeNull();
    await session.open({ ...tokens(3600), idToken: idToken(3600, { sub }) });
    return sessionStorage.getItem("csv-analyzer.recipe.ds_1");
  }

  it("wait for their owner", async () => {
    expect(await endAndReturn("1")).toBe("draft");
  });

  it("are gone when somebody else signs in", async () => {
    expect(await endAndReturn("2")).toBeNull();
  });
});

describe("roles", () => {
  it("takes the highest group, or the role of who is in none", () => {
    const groups = { "cognito:groups": ["viewer", "admin", "staff"] };
    expect(userOf(idToken(60, groups), "editor").role).toBe("admin");
    expect(userOf(idToken(60), "viewer").role).toBe("viewer");
    expect(userOf(idToken(60, { "cognito:groups": ["staff"] }), "editor").role).toBe("editor");
  });

  it("includes the lesser roles", () => {
    expect(mayDo("admin", "editor")).toBe(true);
    expect(mayDo("editor", "editor")).toBe(true);
    expect(mayDo("viewer", "editor")).toBe(false);
  });
});

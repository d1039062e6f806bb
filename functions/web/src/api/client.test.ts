import { beforeEach, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import { ProblemError, UnreachableError } from "@/api/problem";
import { session } from "@/session/session";

const CONFIG = {
  region: "r",
  user_pool_client_id: "client",
  cognito_url: "https://cognito.test",
  version: "1",
};
const problem = (status: number, code: string, more: object = {}) =>
  Response.json(
    { type: "about:blank", title: code, status, code, detail: `It is ${code}.`, ...more },
    { status, headers: { "content-type": "application/problem+json" } },
  );
const expired = () => problem(401, "token_expired");
const empty = () => Response.json({ items: [], next: null });

function idToken(name: string): string {
  return `${name}.${btoa(JSON.stringify({ sub: "1", exp: Date.now() / 1000 + 3600 }))}.sign`;
}

let asked: (string | null)[];
let bodies: string[];
let renewals: number;
/** How the API answers to a token. */
let answer: (token: string | null) => Response | Promise<Response>;

beforeEach(async () => {
  sessionStorage.clear();
  asked = [];
  bodies = [];
  renewals = 0;
  answer = empty;
  vi.stubGlobal("fetch", async (input: Request | string) => {
    if (input instanceof Request) {
      const token = input.headers.get("Authorization");
      asked.push(token?.split(".")[0] ?? null);
      bodies.push(await input.text());
      return answer(token);
    }
    if (input.endsWith("/config")) {
      return Response.json(CONFIG);
    }
    renewals += 1;
    return Response.json({
      AuthenticationResult: { IdToken: idToken(`renewed-${renewals}`), AccessToken: "a" },
    });
  });
  await session.open({ idToken: idToken("first"), accessToken: "a", refreshToken: "r" });
});

it("sends the ID token", async () => {
  await api.GET("/datasets");
  expect(asked).toEqual(["first"]);
});

it("renews a token that the API refuses, and sends the same request again", async () => {
  answer = (token) => (token?.startsWith("first") ? expired() : empty());
  const { data } = await api.POST("/datasets", { body: { file_name: "houses.csv", multipart: false } });
  expect(data).toEqual({ items: [], next: null });
  expect(asked).toEqual(["first", "renewed-1"]);
  expect(bodies[1]).toBe(bodies[0]);
  expect(JSON.parse(bodies[1] ?? "")).toMatchObject({ file_name: "houses.csv" });
});

it("renews once, whoever still refuses", async () => {
  answer = expired;
  await expect(api.GET("/datasets")).rejects.toMatchObject({ status: 401, code: "token_expired" });
  expect(asked).toEqual(["first", "renewed-1"]);
  expect(renewals).toBe(1);
});

it("renews once for requests that are refused at the same time", async () => {
  answer = (token) => (token?.startsWith("first") ? expired() : empty());
  await Promise.all([api.GET("/datasets"), api.GET("/jobs"), api.GET("/models")]);
  expect(renewals).toBe(1);
  expect(asked.slice(3)).toEqual(["renewed-1", "renewed-1", "renewed-1"]);
});

it("throws a refusal with its code, its faults and when to try again", async () => {
  const errors = [{ location: "body.file_name", code: "missing", message: "It is needed." }];
  answer = () => problem(429, "limit_reached", { retry_after: 60, errors });
  const error: unknown = await api.GET("/datasets").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 429, code: "limit_reached", message: "It is limit_reached." });
  expect((error as ProblemError).faults).toEqual(errors);
  expect((error as ProblemError).problem.retry_after).toBe(60);
});

it("makes a problem of an answer that is none, such as a proxy's page", async () => {
  answer = () =>
    new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
  await expect(api.GET("/datasets")).rejects.toMatchObject({ status: 502, code: "unknown" });
});

it("says when nothing answers, and keeps the session", async () => {
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await expect(api.GET("/datasets")).rejects.toThrow(UnreachableError);
  expect(session.state.status).toBe("signed-in");
});

it("leaves a request that was called off as called off", async () => {
  const controller = new AbortController();
  answer = () => {
    controller.abort();
    return Promise.reject(new DOMException("Aborted", "AbortError"));
  };
  await expect(api.GET("/datasets", { signal: controller.signal })).rejects.not.toThrow(UnreachableError);
});

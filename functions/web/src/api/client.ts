import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import type { components, paths } from "@/api/contract";
import { ProblemError, problemOf, UnreachableError } from "@/api/problem";
import { API_URL } from "@/location";
import { session } from "@/session/session";

export type Schemas = components["schemas"];

const authorization: Middleware = {
  async onRequest({ request }) {
    const token = await session.token();
    if (token) {
      request.headers.set("Authorization", token);
    }
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) {
      return response;
    }
    throw new ProblemError(await problemOf(response));
  },
};

/** fetch, that renews a token which the API no longer takes, once, and says when nothing answers. */
async function fetchRenewed(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await ask(request);
  if (response.status !== 401 || !request.headers.has("Authorization")) {
    return response;
  }
  await session.renew();
  const token = await session.token();
  if (!token) {
    return response;
  }
  again.headers.set("Authorization", token);
  return ask(again);
}

async function ask(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) {
      throw error;
    }
    throw new UnreachableError(String(error));
  }
}

/** The API as its contract describes it; every refusal is thrown as a ProblemError. */
export const api = createFetchClient<paths>({ baseUrl: API_URL, fetch: fetchRenewed, cache: "no-store" });
api.use(authorization);

/** Queries and mutations of TanStack Query, typed by the contract. */
export const $api = createQueryClient(api);

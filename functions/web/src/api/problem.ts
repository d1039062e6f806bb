import type { components } from "@/api/contract";

export type Fault = components["schemas"]["Fault"];
type ProblemDocument = components["schemas"]["Problem"];

/** An answer of the API that is not the one that was wanted, as RFC 9457 describes it. */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly status: number;
  readonly code: string;
  readonly faults: Fault[];
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.faults = problem.errors ?? [];
    this.problem = problem;
  }
}

/** The service could not be asked at all: no network, or nothing listens. */
export class UnreachableError extends Error {
  override name = "UnreachableError";
}

/** Read a refused answer; what is not a problem document, such as a proxy's page, becomes one. */
export async function problemOf(response: Response): Promise<ProblemDocument> {
  const isProblem = response.headers.get("content-type")?.includes("application/problem+json") ?? false;
  const content: unknown = isProblem ? await response.json().catch(() => null) : null;
  if (content !== null && typeof content === "object" && "code" in content && "detail" in content) {
    return content as ProblemDocument;
  }
  return {
    type: "about:blank",
    title: response.statusText || "Error",
    status: response.status,
    code: "unknown",
    detail: `HTTP ${response.status}`,
  };
}

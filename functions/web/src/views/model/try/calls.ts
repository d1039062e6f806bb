import type { Instance } from "@/views/model/try/fields";

/** One request to predict, however it is made. */
export type Call = {
  apiUrl: string;
  model: string;
  query: { version?: number; stage?: "staging" };
  instances: readonly Instance[];
  strict: boolean;
  explain: boolean;
};

// What does not show, or turns the order of what is shown around, so that one line could look like another.
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A word of a POSIX shell: all in single quotes is taken as it is, but a single quote. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** JSON in which everything shows. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, escaped);
}

/** A value as Python writes it. */
export function pythonRepr(value: unknown, indent = ""): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return pythonNumber(value);
  if (typeof value === "string") {
    // Every escape of JSON is one of Python, with the same meaning.
    return visibleJson(value);
  }
  const deeper = `${indent}    `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${deeper}${pythonRepr(item, deeper)},\n`);
    return items.length === 0 ? "[]" : `[\n${items.join("")}${indent}]`;
  }
  const items = Object.entries(value).map(
    ([name, item]) => `${deeper}${visibleJson(name)}: ${pythonRepr(item, deeper)},\n`,
  );
  return items.length === 0 ? "{}" : `{\n${items.join("")}${indent}}`;
}

export function curlCall(call: Call): string {
  return [
    `curl --silent ${shellQuoted(address(call))} \\`,
    // The shell enters the token, so it stands in double quotes.
    `  --header "Authorization: $TOKEN" \\`,
    `  --header 'Content-Type: application/json' \\`,
    `  --data-raw ${shellQuoted(visibleJson(body(call), 2))}`,
  ].join("\n");
}

export function pythonCall(call: Call): string {
  return `import json
import os
from urllib.request import Request, urlopen

body = ${pythonRepr(body(call))}
request = Request(
    ${pythonRepr(address(call))},
    data=json.dumps(body).encode(),
    headers={"Authorization": os.environ["TOKEN"], "Content-Type": "application/json"},
)
with urlopen(request) as response:
    answer = json.load(response)
print(answer["predictions"][0])
`;
}

export function cliCall(call: Call): string {
  const options = [
    call.query.version === undefined ? "" : ` --version ${call.query.version}`,
    call.query.stage === undefined ? "" : ` --stage ${call.query.stage}`,
    call.strict ? " --strict" : "",
    call.explain ? " --explain" : "",
  ].join("");
  return [
    `printf '%s' ${shellQuoted(visibleJson(call.instances, 2))} |`,
    `  csv-analyzer predict ${shellQuoted(call.model)} - --input json${options}`,
  ].join("\n");
}

function address(call: Call): string {
  const query = new URLSearchParams(Object.entries(call.query).map(([name, value]) => [name, String(value)]));
  const suffix = query.size > 0 ? `?${query}` : "";
  return `${call.apiUrl}/models/${encodeURIComponent(call.model)}/predict${suffix}`;
}

function body(call: Call): object {
  return {
    instances: call.instances,
    ...(call.strict ? { strict: true } : {}),
    ...(call.explain ? { explain: true } : {}),
  };
}

function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return 'float("nan")';
  if (!Number.isFinite(value)) return value > 0 ? 'float("inf")' : 'float("-inf")';
  return String(value);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

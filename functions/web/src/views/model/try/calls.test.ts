import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  type Call,
  cliCall,
  curlCall,
  pythonCall,
  pythonRepr,
  shellQuoted,
  visibleJson,
} from "@/views/model/try/calls";

const HOSTILE = [
  "it's",
  "'; rm -rf ~ #",
  '"double" and `id` and $(id) and $HOME',
  "back\\slash\\",
  "line\nbreak\ttab\r",
  "{{ jinja }} %s {0}",
  "!history",
  "\u202eevil\u2066",
  "zero\u200bwidth",
  "\u2028\u2029",
  "emoji 🙂 é",
  "\ud800 lone",
  "nul\u0000",
  "'''\"\"\"",
  "@/etc/passwd",
];

function callOf(values: string[]): Call {
  return {
    apiUrl: "http://127.0.0.1:8000/v1",
    model: "houses",
    query: {},
    instances: [Object.fromEntries(values.map((value, index) => [`${index} ${value}`, value]))],
    strict: false,
    explain: true,
  };
}

/** What a shell makes of a command: its words, a NUL behind each. */
function wordsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; csv-analyzer() { cat; }\n${command}`;
  const output = execFileSync("bash", ["--norc", "-c", script], {
    env: { TOKEN: "secret" },
    encoding: "utf8",
  });
  return output.split("\0").slice(0, -1);
}

describe("shellQuoted", () => {
  it.each(HOSTILE.filter((text) => !text.includes("\u0000") && text !== "\ud800 lone"))(
    "hands %j to a command as it is",
    (text) => {
      const output = execFileSync("bash", ["--norc", "-c", `printf %s ${shellQuoted(text)}`], {
        encoding: "utf8",
      });
      expect(output).toBe(text);
    },
  );
});

describe("curlCall", () => {
  it("sends the very instance, whatever is in it", () => {
    const call = callOf(HOSTILE);
    const words = wordsOf(curlCall(call));
    const body = words[words.indexOf("--data-raw") + 1] ?? "";
    expect(JSON.parse(body)).toEqual({ instances: call.instances, explain: true });
    expect(words).toContain("Authorization: secret");
    expect(words[1]).toBe("http://127.0.0.1:8000/v1/models/houses/predict");
  });

  it("asks the version that was chosen, and encodes the model's name", () => {
    const call = { ...callOf(["x"]), model: "a/b'c", query: { version: 3 }, strict: true };
    const words = wordsOf(curlCall(call));
    expect(words[1]).toBe("http://127.0.0.1:8000/v1/models/a%2Fb'c/predict?version=3");
    expect(JSON.parse(words.at(-1) ?? "")).toMatchObject({ strict: true });
    expect(curlCall({ ...call, query: { stage: "staging" } })).toContain("predict?stage=staging'");
  });
});

describe("cliCall", () => {
  it("hands the instances to the client's standard input", () => {
    const call = { ...callOf(HOSTILE), query: { version: 2 }, strict: true };
    const command = cliCall(call);
    expect(command.split("\n").at(-1)).toBe(
      "  csv-analyzer predict 'houses' - --input json --version 2 --strict --explain",
    );
    const script = `csv-analyzer() { cat; }\n${command}`;
    const output = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
    expect(JSON.parse(output)).toEqual(call.instances);
  });
});

describe("pythonRepr", () => {
  it("writes what Python reads as the same value", () => {
    const value = {
      texts: HOSTILE,
      numbers: [0, -1.5, 1e21, 1e-7, 9007199254740992],
      flags: [true, false, null],
      empty: [{}, []],
    };
    const script = `import json, sys; sys.stdout.write(json.dumps(eval(sys.stdin.read())))`;
    const output = execFileSync("python3", ["-c", script], { input: pythonRepr(value), encoding: "utf8" });
    expect(JSON.parse(output)).toEqual(value);
  });

  it("makes a program that Python takes", () => {
    const script = "import ast, sys; ast.parse(sys.stdin.read())";
    execFileSync("python3", ["-c", script], { input: pythonCall(callOf(HOSTILE)), encoding: "utf8" });
  });
});

describe("visibleJson", () => {
  it("shows what would be unseen, and means the same", () => {
    const text = visibleJson(HOSTILE);
    expect(text).not.toMatch(/[\u200b\u202e\u2066\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual(HOSTILE);
  });
});

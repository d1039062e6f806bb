import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const MANTINE = "node_modules/@mantine/core";

/** Names of the sheets of Mantine that a file imports. */
function sheets(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/styles\/([\w-]+)\.css/g)].map((match) => match[1] ?? "");
}

const first = sheets("src/styles/first.css");
const rest = sheets("src/styles/rest.css");

it("has each of Mantine's sheets in one of the two files", () => {
  const all = readdirSync(`${MANTINE}/styles`).filter((name) => /^[^.]+\.css$/.test(name));
  expect([...first, ...rest].sort()).toEqual(all.map((name) => name.replace(".css", "")).sort());
});

it.each([
  ["first", first],
  ["rest", rest],
])("keeps Mantine's order in %s.css, in which a component outdoes what it is made of", (_, names) => {
  const whole = readFileSync(`${MANTINE}/styles.css`, "utf8");
  const places = names.flatMap((name) => {
    const known = /\.m_[0-9a-f]+/.exec(readFileSync(`${MANTINE}/styles/${name}.css`, "utf8"));
    return known ? [whole.indexOf(known[0])] : [];
  });
  expect(places).toEqual([...places].sort((one, other) => one - other));
});

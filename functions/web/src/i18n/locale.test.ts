import { expect, it } from "vitest";
import { makeFormat } from "@/i18n/format";
import { localeOf } from "@/i18n/locale";

it.each([
  ["en", ["en-GB", "en-US"], "en-GB"],
  ["en", ["de-DE", "en-AU", "en"], "en-AU"],
  ["fr", ["en-GB", "fr-CA"], "fr-CA"],
  ["fr", ["fry", "en-GB"], "fr"],
  ["en", [], "en"],
])("writes %s for somebody who reads %j as %s does", (language, wanted, locale) => {
  expect(localeOf(language, wanted)).toBe(locale);
});

it("writes dates as the region does", () => {
  const day = "2026-11-29T12:00:00";
  expect(makeFormat(localeOf("en", ["en-GB"])).date(day)).toBe("29 Nov 2026");
  expect(makeFormat(localeOf("en", ["en-US"])).date(day)).toBe("Nov 29, 2026");
});

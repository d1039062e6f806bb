import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { CardMarkdown } from "./CardMarkdown";

it("shows headings and tables, and neither HTML nor addresses of a file", () => {
  const text =
    "# houses\n\n| Figure | Value |\n| --- | --- |\n| RMSE | 3 |\n\n<b id='x'>raw</b> [go](https://evil.test) ![p](https://evil.test/p.png) www.evil.test";
  const { container } = render(
    <MantineProvider>
      <CardMarkdown text={text} />
    </MantineProvider>,
  );
  expect(screen.getByRole("heading", { level: 3, name: "houses" })).toBeTruthy();
  expect(screen.getByRole("cell", { name: "3" })).toBeTruthy();
  expect(container.querySelectorAll("a, img, b, #x")).toHaveLength(0);
  expect(container.textContent).toContain("go");
});

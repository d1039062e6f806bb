import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { describe, expect, it } from "vitest";
import { useFlag } from "@/ui/useFlag";

function Flag({ byDefault }: { byDefault: boolean }) {
  const [isOn, set] = useFlag("safe", byDefault);
  return (
    <label>
      <input type="checkbox" checked={isOn} onChange={(event) => set(event.currentTarget.checked)} />
      {useLocation().search}
    </label>
  );
}

function show(search: string, byDefault: boolean): HTMLInputElement {
  render(
    <MemoryRouter initialEntries={[`/${search}`]}>
      <Flag byDefault={byDefault} />
    </MemoryRouter>,
  );
  return screen.getByRole("checkbox");
}

describe("useFlag", () => {
  it.each([
    ["", true, true],
    ["?safe=0", true, false],
    ["?safe=1", false, true],
    ["?safe=nonsense", true, false],
  ])("reads %j with %s by default", (search, byDefault, isOn) => {
    expect(show(search, byDefault).checked).toBe(isOn);
  });

  it("writes only what differs from the default, and leaves the rest of the address alone", async () => {
    const box = show("?version=2", true);
    await userEvent.click(box);
    expect(box.checked).toBe(false);
    expect(await screen.findByText("?version=2&safe=0")).toBeTruthy();
    await userEvent.click(box);
    expect(await screen.findByText("?version=2")).toBeTruthy();
  });
});

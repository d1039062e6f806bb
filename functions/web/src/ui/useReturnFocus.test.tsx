import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useReturnFocus } from "@/ui/useReturnFocus";

function Dialog() {
  useReturnFocus();
  return <button type="button">inside</button>;
}

function View({ isOpen, hasOpener = true }: { isOpen: boolean; hasOpener?: boolean }) {
  return (
    <>
      {hasOpener && <button type="button">opener</button>}
      {isOpen && <Dialog />}
    </>
  );
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it("returns the focus to what opened the dialog", () => {
  const { rerender } = render(<View isOpen={false} />);
  screen.getByText("opener").focus();
  rerender(<View isOpen />);
  screen.getByText("inside").focus();

  rerender(<View isOpen={false} />);
  act(() => void vi.runAllTimers());

  expect(document.activeElement).toBe(screen.getByText("opener"));
});

it("leaves the focus alone where what opened the dialog is gone", () => {
  const { rerender } = render(<View isOpen={false} />);
  screen.getByText("opener").focus();
  rerender(<View isOpen />);
  screen.getByText("inside").focus();

  rerender(<View isOpen={false} hasOpener={false} />);
  act(() => void vi.runAllTimers());

  expect(document.activeElement).toBe(document.body);
});

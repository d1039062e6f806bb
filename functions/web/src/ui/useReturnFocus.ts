import { useEffect, useState } from "react";

/** Give the focus back to what had it when a dialog came; Mantine does so for dialogs that outlive their closing. */
export function useReturnFocus(): void {
  // Known while the dialog is first drawn: it has taken the focus before effects run.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (before instanceof HTMLElement && before.isConnected) {
          before.focus({ preventScroll: true });
        }
      });
    },
    [before],
  );
}

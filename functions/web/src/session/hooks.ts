import { useSyncExternalStore } from "react";
import { mayDo, type Role, type SessionState, session, type User } from "@/session/session";

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

/** The user of a view that only shows to people who are signed in. */
export function useUser(): User {
  const state = useSession();
  if (state.status !== "signed-in") {
    throw new Error("This view is for people who are signed in.");
  }
  return state.user;
}

/** Whether the user's role allows what needs at least another. */
export function useMay(least: Role): boolean {
  return mayDo(useUser().role, least);
}

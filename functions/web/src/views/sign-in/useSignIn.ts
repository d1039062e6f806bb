import { useState } from "react";
import type { Challenge, SignInStep } from "@/session/cognito";
import { session } from "@/session/session";

/** Sign-in from its first step to the tokens; the frame leads on as soon as they are there. */
export function useSignIn() {
  const [challenge, setChallenge] = useState<Challenge | null>(null);

  async function take(step: SignInStep): Promise<void> {
    if ("challenge" in step) {
      setChallenge(step.challenge);
    } else {
      await session.open(step.tokens);
    }
  }

  async function signIn(email: string, password: string): Promise<void> {
    await take(await (await session.cognito()).signIn(email, password));
  }

  return { challenge, take, signIn, restart: () => setChallenge(null) };
}

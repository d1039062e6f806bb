import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import common from "@/messages/en/common.json";
import signIn from "@/messages/en/signIn.json";
import { Session, session } from "@/session/session";
import { ForgottenPassword } from "@/views/sign-in/ForgottenPassword";
import { SignIn } from "@/views/sign-in/SignIn";
import { SignUp } from "@/views/sign-in/SignUp";

type Call = { action: string; body: Record<string, unknown> };
type Answer = { status?: number; body: object };

const TOKENS = {
  AuthenticationResult: {
    IdToken: `h.${btoa('{"sub":"1","email":"a@b.c","exp":9}')}.s`,
    AccessToken: "a",
    RefreshToken: "r",
  },
};
const refused = (code: string, message = ""): Answer => ({ status: 400, body: { __type: code, message } });

// Long enough for a machine that does much else.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 15_000 });

let calls: Call[];
let answers: Record<string, Answer[]>;
let config: object;

beforeAll(() =>
  i18next.use(initReactI18next).init({
    lng: "en",
    ns: ["common", "signIn"],
    defaultNS: "common",
    resources: { en: { common, signIn } },
  }),
);

beforeEach(() => {
  calls = [];
  answers = {};
  config = { region: "r", user_pool_client_id: "client", cognito_url: "https://cognito.test", version: "1" };
  // A new session knows nothing of the one before.
  Object.assign(session, new Session(), { subscribe: session.subscribe, snapshot: session.snapshot });
  vi.stubGlobal("fetch", async (url: string, init: { headers: Record<string, string>; body: string }) => {
    if (String(url).endsWith("/config")) {
      return Response.json(config);
    }
    const action = String(init.headers["X-Amz-Target"]).split(".")[1] ?? "";
    calls.push({ action, body: JSON.parse(init.body) });
    const { status = 200, body } = answers[action]?.shift() ?? { body: {} };
    return Response.json(body, { status });
  });
});

function show(path: string) {
  const router = createMemoryRouter(
    [
      { path: "/sign-in", element: <SignIn /> },
      { path: "/sign-up", element: <SignUp /> },
      { path: "/forgotten-password", element: <ForgottenPassword /> },
    ],
    { initialEntries: [path] },
  );
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const user = userEvent.setup();
  // Typing key by key takes seconds where many tests share a machine.
  async function fill(label: string, text: string) {
    const input = screen.getByLabelText(label);
    await user.clear(input);
    await user.paste(text);
  }
  return { user, fill, router };
}

const heading = (name: string) => screen.findByText(name, { selector: "h1" });

it("puts the focus into the first field that has a fault, and asks nobody", async () => {
  const { user, fill } = show("/sign-in");
  await fill("E-mail", "me@example.com");
  await user.keyboard("{Enter}");
  expect(await screen.findByText(signIn.faults.password)).toBeDefined();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Password")));
  expect(calls).toEqual([]);
});

it("signs in with Enter", async () => {
  answers.InitiateAuth = [{ body: TOKENS }];
  const { user, fill } = show("/sign-in");
  await fill("E-mail", " me@example.com ");
  await fill("Password", " with blanks ");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(session.state.status).toBe("signed-in"));
  expect(calls[0]?.body.AuthParameters).toEqual({ USERNAME: "me@example.com", PASSWORD: " with blanks " });
});

it("leads who is not confirmed to the code, and signs in after it", async () => {
  answers.InitiateAuth = [refused("UserNotConfirmedException"), { body: TOKENS }];
  const { user, fill } = show("/sign-in");
  await fill("E-mail", "me@example.com");
  await fill("Password", "Demo-Password-1");
  await user.keyboard("{Enter}");
  await heading("Confirm your e-mail");
  await fill("Code", "12 34 56");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(session.state.status).toBe("signed-in"));
  expect(calls.map((call) => call.action)).toEqual(["InitiateAuth", "ConfirmSignUp", "InitiateAuth"]);
  expect(calls[1]?.body.ConfirmationCode).toBe("123456");
});

it("demands a new password, then the authenticator's code", async () => {
  answers.InitiateAuth = [{ body: { ChallengeName: "NEW_PASSWORD_REQUIRED", Session: "s1" } }];
  answers.RespondToAuthChallenge = [
    { body: { ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "s2" } },
    refused("CodeMismatchException"),
    { body: TOKENS },
  ];
  const { user, fill } = show("/sign-in");
  await fill("E-mail", "me@example.com");
  await fill("Password", "Temporary-1234");
  await user.keyboard("{Enter}");
  await heading("Choose your own password");
  await fill("New password", "My-own-Password-1");
  await user.keyboard("{Enter}");
  await heading("Code of your authenticator");
  await fill("Code", "000000");
  await user.keyboard("{Enter}");
  expect(await screen.findByText(signIn.refusals.wrongCode)).toBeDefined();
  await fill("Code", "123456");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(session.state.status).toBe("signed-in"));
  expect(calls.at(-1)?.body).toMatchObject({
    Session: "s2",
    ChallengeResponses: { USERNAME: "me@example.com", SOFTWARE_TOKEN_MFA_CODE: "123456" },
  });
});

it("says so when it does not know a challenge", async () => {
  answers.InitiateAuth = [{ body: { ChallengeName: "SMS_MFA", Session: "s" } }];
  const { user, fill } = show("/sign-in");
  await fill("E-mail", "me@example.com");
  await fill("Password", "Demo-Password-1");
  await user.keyboard("{Enter}");
  await heading("This page can't sign you in");
  expect(screen.getByRole("alert").textContent).toContain("SMS_MFA");
});

it("shows Cognito's own words for what it does not know", async () => {
  answers.InitiateAuth = [refused("BrandNewException", "The moon is full.")];
  const { user, fill } = show("/sign-in");
  await fill("E-mail", "me@example.com");
  await fill("Password", "Demo-Password-1");
  await user.keyboard("{Enter}");
  expect((await screen.findByRole("alert")).textContent).toBe("The moon is full.");
});

it("signs up, confirms and signs in by itself", async () => {
  answers.InitiateAuth = [{ body: TOKENS }];
  const { user, fill } = show("/sign-up?to=/models");
  await fill("E-mail", "me@example.com");
  await fill("Password", "Demo-Password-1");
  await user.keyboard("{Enter}");
  await heading("Confirm your e-mail");
  await user.click(screen.getByRole("button", { name: "Send another code" }));
  expect(await screen.findByText(signIn.resend.sent)).toBeDefined();
  await fill("Code", "123456");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(session.state.status).toBe("signed-in"));
  expect(calls.map((call) => call.action)).toEqual([
    "SignUp",
    "ResendConfirmationCode",
    "ConfirmSignUp",
    "InitiateAuth",
  ]);
});

it("offers no sign-up where only an administrator adds people", async () => {
  config = { ...config, self_sign_up: false };
  show("/sign-up");
  expect(await screen.findByText(signIn.refusals.signUpClosed)).toBeDefined();
  expect(screen.queryByLabelText("Password")).toBeNull();
});

it("leads from a reset password to a new one, and keeps where to go", async () => {
  answers.InitiateAuth = [refused("PasswordResetRequiredException"), { body: TOKENS }];
  const { user, fill, router } = show("/sign-in?to=/models");
  await fill("E-mail", "me@example.com");
  await fill("Password", "Demo-Password-1");
  await user.keyboard("{Enter}");
  await heading("Forgotten password");
  expect(screen.getByText(signIn.refusals.resetRequired)).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Send the code" }));
  await heading("Choose a new password");
  await fill("Code", "123456");
  await fill("New password", "Other-Password-2");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(session.state.status).toBe("signed-in"));
  expect(router.state.location.search).toBe("?to=/models");
  expect(calls.find((call) => call.action === "ConfirmForgotPassword")?.body).toMatchObject({
    Username: "me@example.com",
    ConfirmationCode: "123456",
    Password: "Other-Password-2",
  });
});

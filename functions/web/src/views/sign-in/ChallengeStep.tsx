import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Challenge, SignInStep } from "@/session/cognito";
import { session } from "@/session/session";
import { FrontDoor } from "@/views/sign-in/FrontDoor";
import { CodeField, NewPasswordField } from "@/views/sign-in/fields";
import { StepForm } from "@/views/sign-in/StepForm";
import { useChecks } from "@/views/sign-in/useChecks";
import { useStep } from "@/views/sign-in/useStep";

type Props = { challenge: Challenge; onStep: (step: SignInStep) => Promise<void>; onRestart: () => void };

/** What Cognito wants to know after e-mail and password. */
export function ChallengeStep(props: Props) {
  switch (props.challenge.name) {
    case "NEW_PASSWORD_REQUIRED":
      return <NewPassword {...props} />;
    case "SOFTWARE_TOKEN_MFA":
      return <Authenticator {...props} />;
    default:
      return <UnknownChallenge {...props} />;
  }
}

function NewPassword({ challenge, onStep, onRestart }: Props) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const step = useStep({
    act: "newPassword",
    initialValues: { password: "" },
    validate: { password: checks.newPassword },
    send: async ({ password }) =>
      onStep(await (await session.cognito()).answer(challenge, { NEW_PASSWORD: password })),
  });
  return (
    <FrontDoor title={t("change.title")} text={t("change.text")}>
      <StepForm step={step} button={t("change.button")}>
        <NewPasswordField email={challenge.user} {...step.input("password")} value={step.value("password")} />
      </StepForm>
      <Restart onRestart={onRestart} />
    </FrontDoor>
  );
}

function Authenticator({ challenge, onStep, onRestart }: Props) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const step = useStep({
    act: "authenticator",
    initialValues: { code: "" },
    validate: { code: checks.code },
    send: async ({ code }) =>
      onStep(await (await session.cognito()).answer(challenge, { SOFTWARE_TOKEN_MFA_CODE: code })),
  });
  return (
    <FrontDoor title={t("authenticator.title")} text={t("authenticator.text")}>
      <StepForm step={step} button={t("authenticator.button")}>
        <CodeField {...step.input("code")} />
      </StepForm>
      <Restart onRestart={onRestart} />
    </FrontDoor>
  );
}

function UnknownChallenge({ challenge, onRestart }: Props) {
  const { t } = useTranslation("signIn");
  return (
    <FrontDoor title={t("unknown.title")}>
      <Alert color="orange" icon={<IconAlertTriangle />} role="alert">
        {t("unknown.text", { name: challenge.name })}
      </Alert>
      <Restart onRestart={onRestart} />
    </FrontDoor>
  );
}

function Restart({ onRestart }: { onRestart: () => void }) {
  const { t } = useTranslation("signIn");
  return (
    <Button variant="subtle" onClick={onRestart}>
      {t("restart")}
    </Button>
  );
}

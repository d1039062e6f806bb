import { Alert, Anchor, Group } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { session } from "@/session/session";
import { ChallengeStep } from "@/views/sign-in/ChallengeStep";
import { ConfirmStep } from "@/views/sign-in/ConfirmStep";
import { FrontDoor } from "@/views/sign-in/FrontDoor";
import { EmailField, NewPasswordField } from "@/views/sign-in/fields";
import { StepForm } from "@/views/sign-in/StepForm";
import { useChecks } from "@/views/sign-in/useChecks";
import { useSelfSignUp } from "@/views/sign-in/useSelfSignUp";
import { useSignIn } from "@/views/sign-in/useSignIn";
import { useStep } from "@/views/sign-in/useStep";

export function SignUp() {
  const { t } = useTranslation("signIn");
  const flow = useSignIn();
  const navigate = useNavigate();
  const { search, state } = useLocation();
  // The address survives a reload in the history; a password is kept nowhere but here.
  const email = (state as { unconfirmed?: string } | null)?.unconfirmed;
  const password = useRef<string | null>(null);
  const isOffered = useSelfSignUp();

  if (flow.challenge) {
    return <ChallengeStep challenge={flow.challenge} onStep={flow.take} onRestart={flow.restart} />;
  }
  if (email !== undefined) {
    return (
      <ConfirmStep
        email={email}
        onConfirmed={async () => {
          if (password.current === null) {
            navigate({ pathname: "/sign-in", search }, { state: { email, notice: "confirmed" } });
          } else {
            await flow.signIn(email, password.current);
          }
        }}
        onRestart={() => navigate({ pathname: "/sign-up", search }, { replace: true })}
      />
    );
  }
  const footer = (
    <Group justify="center" gap="xs">
      {t("signUp.haveAccount")}
      <Anchor component={Link} to={{ pathname: "/sign-in", search }} fw={600}>
        {t("signUp.signIn")}
      </Anchor>
    </Group>
  );
  if (!isOffered) {
    return (
      <FrontDoor title={t("signUp.title")} footer={footer}>
        <Alert color="blue" icon={<IconInfoCircle />}>
          {t("refusals.signUpClosed")}
        </Alert>
      </FrontDoor>
    );
  }
  return (
    <FrontDoor title={t("signUp.title")} text={t("signUp.text")} footer={footer}>
      <Registration
        onSignedUp={(signedUp, chosen) => {
          password.current = chosen;
          navigate({ pathname: "/sign-up", search }, { state: { unconfirmed: signedUp } });
        }}
      />
    </FrontDoor>
  );
}

function Registration({ onSignedUp }: { onSignedUp: (email: string, password: string) => void }) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const step = useStep({
    act: "signUp",
    initialValues: { email: "", password: "" },
    validate: { email: checks.email, password: checks.newPassword },
    send: async ({ email, password }) => {
      await (await session.cognito()).signUp(email, password);
      onSignedUp(email, password);
    },
  });
  return (
    <StepForm step={step} button={t("signUp.button")}>
      <EmailField {...step.input("email")} />
      <NewPasswordField {...step.input("password")} label={t("password")} value={step.value("password")} />
    </StepForm>
  );
}

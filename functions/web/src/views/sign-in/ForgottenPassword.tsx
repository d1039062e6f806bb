import { Alert, Anchor } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Trans, useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { session } from "@/session/session";
import { ChallengeStep } from "@/views/sign-in/ChallengeStep";
import { FrontDoor } from "@/views/sign-in/FrontDoor";
import { CodeField, EmailField, NewPasswordField } from "@/views/sign-in/fields";
import { Resend } from "@/views/sign-in/Resend";
import { StepForm } from "@/views/sign-in/StepForm";
import { useChecks } from "@/views/sign-in/useChecks";
import { useSignIn } from "@/views/sign-in/useSignIn";
import { useStep } from "@/views/sign-in/useStep";

type Progress = { email?: string; sentTo?: string; notice?: "required" } | null;

export function ForgottenPassword() {
  const flow = useSignIn();
  const progress = useLocation().state as Progress;
  if (flow.challenge) {
    return <ChallengeStep challenge={flow.challenge} onStep={flow.take} onRestart={flow.restart} />;
  }
  if (progress?.sentTo !== undefined) {
    return <NewPassword email={progress.sentTo} signIn={flow.signIn} />;
  }
  return <Address email={progress?.email ?? ""} isRequired={progress?.notice === "required"} />;
}

async function sendCode(email: string): Promise<void> {
  await (await session.cognito()).forgotPassword(email);
}

function Address({ email, isRequired }: { email: string; isRequired: boolean }) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const navigate = useNavigate();
  const { search } = useLocation();
  const step = useStep({
    act: "forgot",
    initialValues: { email },
    validate: { email: checks.email },
    send: async (values) => {
      await sendCode(values.email);
      navigate({ pathname: "/forgotten-password", search }, { state: { sentTo: values.email } });
    },
  });
  return (
    <FrontDoor title={t("forgotten.title")} text={t("forgotten.text")} footer={<BackToSignIn />}>
      {isRequired && (
        <Alert color="blue" icon={<IconInfoCircle />} role="status">
          {t("refusals.resetRequired")}
        </Alert>
      )}
      <StepForm step={step} button={t("forgotten.button")}>
        <EmailField {...step.input("email")} />
      </StepForm>
    </FrontDoor>
  );
}

function NewPassword({
  email,
  signIn,
}: {
  email: string;
  signIn: (email: string, password: string) => Promise<void>;
}) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const navigate = useNavigate();
  const { search } = useLocation();
  const step = useStep({
    act: "reset",
    initialValues: { code: "", password: "" },
    validate: { code: checks.code, password: checks.newPassword },
    send: async ({ code, password }) => {
      await (await session.cognito()).confirmForgotPassword(email, code, password);
      // The code is used up: what fails from here on is a matter of signing in.
      await signIn(email, password).catch(() =>
        navigate({ pathname: "/sign-in", search }, { state: { email, notice: "changed" } }),
      );
    },
  });
  return (
    <FrontDoor
      title={t("reset.title")}
      text={<Trans t={t} i18nKey="reset.text" values={{ email }} components={{ b: <b /> }} />}
      footer={<BackToSignIn />}
    >
      <StepForm step={step} button={t("reset.button")}>
        <CodeField {...step.input("code")} />
        <NewPasswordField email={email} {...step.input("password")} value={step.value("password")} />
      </StepForm>
      <Resend act="forgot" ask={() => sendCode(email)} />
    </FrontDoor>
  );
}

function BackToSignIn() {
  const { t } = useTranslation("signIn");
  const { search } = useLocation();
  return (
    <Anchor component={Link} to={{ pathname: "/sign-in", search }}>
      {t("forgotten.back")}
    </Anchor>
  );
}

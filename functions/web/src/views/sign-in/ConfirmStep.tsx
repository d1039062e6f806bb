import { Button } from "@mantine/core";
import { Trans, useTranslation } from "react-i18next";
import { CognitoError } from "@/session/cognito";
import { session } from "@/session/session";
import { FrontDoor } from "@/views/sign-in/FrontDoor";
import { refusalOf } from "@/views/sign-in/faults";
import { CodeField } from "@/views/sign-in/fields";
import { Resend } from "@/views/sign-in/Resend";
import { StepForm } from "@/views/sign-in/StepForm";
import { useChecks } from "@/views/sign-in/useChecks";
import { useStep } from "@/views/sign-in/useStep";

/** The code from the mail that makes an account of a sign-up. */
export function ConfirmStep({
  email,
  onConfirmed,
  onRestart,
}: {
  email: string;
  onConfirmed: () => Promise<void>;
  onRestart: () => void;
}) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const step = useStep({
    act: "confirm",
    initialValues: { code: "" },
    validate: { code: checks.code },
    send: async ({ code }) => {
      await confirm(email, code);
      await onConfirmed();
    },
  });
  return (
    <FrontDoor
      title={t("confirm.title")}
      text={<Trans t={t} i18nKey="confirm.text" values={{ email }} components={{ b: <b /> }} />}
    >
      <StepForm step={step} button={t("confirm.button")}>
        <CodeField {...step.input("code")} />
      </StepForm>
      <Resend act="resend" ask={async () => (await session.cognito()).resendCode(email)} />
      <Button variant="subtle" color="gray" onClick={onRestart}>
        {t("restart")}
      </Button>
    </FrontDoor>
  );
}

/** Confirm a sign-up; that it is confirmed already, as after a click too many, is as good. */
async function confirm(email: string, code: string): Promise<void> {
  try {
    await (await session.cognito()).confirmSignUp(email, code);
  } catch (error) {
    if (!(error instanceof CognitoError) || refusalOf(error, "confirm").key !== "alreadyConfirmed") {
      throw error;
    }
  }
}

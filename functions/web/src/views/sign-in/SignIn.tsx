import { Alert, Anchor, Group } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { CognitoError } from "@/session/cognito";
import { FrontDoor } from "@/views/sign-in/FrontDoor";
import { EmailField, PasswordField } from "@/views/sign-in/fields";
import { StepForm } from "@/views/sign-in/StepForm";
import { useChecks } from "@/views/sign-in/useChecks";
import { useSelfSignUp } from "@/views/sign-in/useSelfSignUp";
import { useSignIn } from "@/views/sign-in/useSignIn";
import { useStep } from "@/views/sign-in/useStep";

const ChallengeStep = lazy(async () => ({
  default: (await import("@/views/sign-in/ChallengeStep")).ChallengeStep,
}));
const ConfirmStep = lazy(async () => ({
  default: (await import("@/views/sign-in/ConfirmStep")).ConfirmStep,
}));

/** What other views of this folder hand over: an address to begin with, and why. */
export type Handover = { email?: string; notice?: "confirmed" | "changed" } | null;

export function SignIn() {
  const flow = useSignIn();
  const [unconfirmed, setUnconfirmed] = useState<{ email: string; password: string } | null>(null);
  if (flow.challenge) {
    return <ChallengeStep challenge={flow.challenge} onStep={flow.take} onRestart={flow.restart} />;
  }
  if (unconfirmed) {
    return (
      <ConfirmStep
        email={unconfirmed.email}
        onConfirmed={() => flow.signIn(unconfirmed.email, unconfirmed.password)}
        onRestart={() => setUnconfirmed(null)}
      />
    );
  }
  return (
    <Credentials
      signIn={flow.signIn}
      onUnconfirmed={(email, password) => setUnconfirmed({ email, password })}
    />
  );
}

function Credentials({
  signIn,
  onUnconfirmed,
}: {
  signIn: (email: string, password: string) => Promise<void>;
  onUnconfirmed: (email: string, password: string) => void;
}) {
  const { t } = useTranslation("signIn");
  const checks = useChecks();
  const navigate = useNavigate();
  const { search, state } = useLocation();
  const handover = state as Handover;
  const isSignUpOffered = useSelfSignUp();
  const step = useStep({
    act: "signIn",
    initialValues: { email: handover?.email ?? "", password: "" },
    validate: { email: checks.email, password: checks.password },
    send: async ({ email, password }) => {
      try {
        await signIn(email, password);
      } catch (error) {
        const code = error instanceof CognitoError ? error.code : null;
        if (code === "UserNotConfirmedException") {
          onUnconfirmed(email, password);
        } else if (code === "PasswordResetRequiredException") {
          navigate({ pathname: "/forgotten-password", search }, { state: { email, notice: "required" } });
        } else {
          throw error;
        }
      }
    },
  });
  return (
    <FrontDoor
      title={t("signIn.title")}
      {...(isSignUpOffered
        ? {
            footer: (
              <Group justify="center" gap="xs">
                {t("signIn.noAccount")}
                <Anchor component={Link} to={{ pathname: "/sign-up", search }} fw={600}>
                  {t("signIn.signUp")}
                </Anchor>
              </Group>
            ),
          }
        : {})}
    >
      {handover?.notice && (
        <Alert color="green" icon={<IconCircleCheck />} role="status">
          {t(`signIn.notices.${handover.notice}`)}
        </Alert>
      )}
      <StepForm step={step} button={t("signIn.button")}>
        <EmailField {...step.input("email")} />
        <PasswordField {...step.input("password")} />
      </StepForm>
      <Anchor
        component={Link}
        to={{ pathname: "/forgotten-password", search }}
        state={{ email: step.value("email") }}
        size="sm"
        ta="center"
      >
        {t("signIn.forgotten")}
      </Anchor>
    </FrontDoor>
  );
}

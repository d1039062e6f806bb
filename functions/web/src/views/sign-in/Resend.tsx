import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Act } from "@/views/sign-in/faults";
import { useRefusal } from "@/views/sign-in/useRefusal";

/** Have another code sent, and say how that went. */
export function Resend({ ask, act }: { ask: () => Promise<void>; act: Act }) {
  const { t } = useTranslation("signIn");
  const refusal = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const [answer, setAnswer] = useState({ text: "", isRefused: false });

  async function send() {
    setBusy(true);
    setAnswer({ text: "", isRefused: false });
    try {
      await ask();
      setAnswer({ text: t("resend.sent"), isRefused: false });
    } catch (error) {
      setAnswer({ text: refusal(error, act).text, isRefused: true });
    } finally {
      setBusy(false);
    }
  }

  return (
    <div>
      <Button variant="subtle" fullWidth onClick={send} loading={isBusy}>
        {t("resend.button")}
      </Button>
      <Text
        size="sm"
        role="status"
        ta="center"
        {...(answer.isRefused ? { c: "var(--mantine-color-error)" } : {})}
      >
        {answer.text}
      </Text>
    </div>
  );
}

import { Code, Popover, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useUser } from "@/session/hooks";
import { actorOf } from "./run";

const SHOWN = 8;

/** Who did it: "you", a service, or the beginning of another person's id with the whole of it on demand. */
export function ActorName({ actor }: { actor: string }) {
  const { t } = useTranslation("run");
  const who = actorOf(actor, useUser().sub);
  if (who.kind === "you") {
    return <b>{t("actor.you")}</b>;
  }
  if (who.kind === "service") {
    return <b>{who.name === "train" ? t("actor.train") : t("actor.service", { name: who.name })}</b>;
  }
  return (
    <Popover withArrow>
      <Popover.Target>
        <UnstyledButton fz="inherit" td="underline dotted" aria-label={t("actor.user", { id: who.sub })}>
          <b>{who.sub.slice(0, SHOWN)}…</b>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        {t("actor.id")} <Code>{who.sub}</Code>
      </Popover.Dropdown>
    </Popover>
  );
}

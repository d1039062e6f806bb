import { Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { desktopNews } from "@/shell/desktopNews";

/** Whether the desktop, too, says that a training is over. */
export function DesktopSwitch() {
  const { t } = useTranslation("trainings");
  const [state, setState] = useState(desktopNews.state);
  if (state === "unsupported") {
    return null;
  }
  return (
    <Switch
      label={t("desktop.label")}
      description={state === "denied" ? t("desktop.denied") : t("desktop.text")}
      checked={state === "on"}
      disabled={state === "denied"}
      onChange={async (event) => setState(await desktopNews.set(event.currentTarget.checked))}
    />
  );
}

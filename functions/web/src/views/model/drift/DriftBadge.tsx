import { Badge } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconEye } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export const DRIFT = {
  ok: { color: "green", Icon: IconCheck },
  watch: { color: "yellow", Icon: IconEye },
  drifted: { color: "red", Icon: IconAlertTriangle },
} as const;

/** Whether something has moved, in a word and by a sign. */
export function DriftBadge({ status }: { status: keyof typeof DRIFT }) {
  const { t } = useTranslation("drift");
  const { color, Icon } = DRIFT[status];
  return (
    <Badge color={color} variant="light" tt="none" miw="max-content" leftSection={<Icon size={12} />}>
      {t(`status.${status}`)}
    </Badge>
  );
}

import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";

const COLORS = { production: "green", staging: "blue", archived: "gray" } as const;

/** Stage of a version, in words. */
export function StageBadge({ stage }: { stage: keyof typeof COLORS }) {
  const { t } = useTranslation();
  return (
    <Badge color={COLORS[stage]} variant="light" tt="none">
      {t(`stage.${stage}`)}
    </Badge>
  );
}

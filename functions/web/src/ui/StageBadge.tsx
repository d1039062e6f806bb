import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";

const COLORS = { production: "green", staging: "blue", archived: "gray" } as const;

/** Stage of a version, in words. */
export function StageBadge({ stage }: { stage: keyof typeof COLORS }) {
  const { t } = useTranslation();
  return (
    <Badge
      color={COLORS[stage]}
      variant="light"
      tt="none"
      // Words that are longer than their place break rather than end in dots.
      h="auto"
      mih={20}
      styles={{ label: { whiteSpace: "normal" } }}
    >
      {t(`stage.${stage}`)}
    </Badge>
  );
}

import { Badge } from "@mantine/core";
import { IconAbc, IconCalendar, IconHash, IconTags, IconToggleLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Kind } from "@/views/dataset/look/profile";

const ICONS = {
  numeric: IconHash,
  categorical: IconTags,
  boolean: IconToggleLeft,
  date: IconCalendar,
  text: IconAbc,
};

/** Type of a column, in words. */
export function KindBadge({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const Icon = ICONS[kind];
  return (
    <Badge variant="default" tt="none" fw={500} leftSection={<Icon size={12} />} style={{ flexShrink: 0 }}>
      {t(`type.${kind}`)}
    </Badge>
  );
}

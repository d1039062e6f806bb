import { ActionIcon, Anchor, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/i18n/format";
import type { DatasetView } from "@/views/datasets/useDatasets";

/** The name, which leads to the dataset; beneath it why its file can't be used. */
export function DatasetName({ dataset }: { dataset: DatasetView }) {
  const { i18n } = useTranslation();
  return (
    <>
      <Anchor
        component={Link}
        to={`/datasets/${dataset.id}`}
        fw={600}
        size="sm"
        style={{ overflowWrap: "anywhere" }}
      >
        {dataset.file_name}
      </Anchor>
      {dataset.error && (
        <Text
          size="xs"
          c="var(--mantine-color-red-light-color)"
          {...(i18n.language === "en" ? {} : { lang: "en" })}
        >
          {dataset.error.message}
        </Text>
      )}
    </>
  );
}

export function Warnings({ count }: { count: number }) {
  const { t } = useTranslation("datasets");
  if (count === 0) {
    return null;
  }
  return (
    <Group gap={4} wrap="nowrap" c="var(--mantine-color-orange-light-color)" display="inline-flex">
      <IconAlertTriangle size={16} aria-hidden />
      <Text span size="sm" c="inherit" style={{ whiteSpace: "nowrap" }}>
        {t("warnings", { count })}
      </Text>
    </Group>
  );
}

export function When({ iso }: { iso: string }) {
  const format = useFormat();
  return (
    <time dateTime={iso} title={format.dateTime(iso)}>
      {format.ago(iso)}
    </time>
  );
}

/** Rows and columns; null as long as nothing is known of them. */
export function useShape(): (dataset: DatasetView) => string | null {
  const { t } = useTranslation("datasets");
  const format = useFormat();
  return ({ rows, columns }) =>
    columns > 0 ? t("shape", { rows: format.integer(rows), columns: format.integer(columns) }) : null;
}

export function EraseButton({
  dataset,
  onErase,
}: {
  dataset: DatasetView;
  onErase: (dataset: DatasetView) => void;
}) {
  const { t } = useTranslation("datasets");
  const label = t("erase.button", { name: dataset.file_name });
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      aria-label={label}
      title={label}
      onClick={() => onErase(dataset)}
    >
      <IconTrash size={18} />
    </ActionIcon>
  );
}

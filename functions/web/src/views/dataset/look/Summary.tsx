import { Card, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { KINDS } from "@/views/dataset/look/columns";
import { type FileReport, LEFT_OUT, missingShare, type Profile } from "@/views/dataset/look/profile";

const DELIMITERS = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "blank" } as const;

/** The table in a few figures, and what was found out about its file. */
export function Summary({ profile }: { profile: Profile }) {
  const { t } = useTranslation(["look", "common"]);
  const format = useFormat();
  const kinds = KINDS.map((kind) => ({
    kind,
    count: profile.columns.filter((column) => column.type === kind).length,
  })).filter(({ count }) => count > 0);
  const gappy = profile.columns.filter((column) => column.missing > 0).length;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <Tile label={t("summary.rows")} value={format.integer(profile.rows)} />
        <Tile
          label={t("summary.columns")}
          value={format.integer(profile.columns.length)}
          note={kinds
            .map(({ kind, count }) => t("summary.kind", { count, kind: t(`common:type.${kind}`) }))
            .join(", ")}
        />
        <Tile
          label={t("summary.missing")}
          value={format.percent(missingShare(profile))}
          note={t("summary.missingNote", { cells: format.integer(profile.missing_cells), count: gappy })}
        />
        <Tile
          label={t("summary.duplicates")}
          value={format.integer(profile.duplicate_rows)}
          note={
            profile.duplicate_rows > 0 && profile.rows > 0
              ? t("summary.duplicatesNote", { share: format.percent(profile.duplicate_rows / profile.rows) })
              : t("summary.noDuplicates")
          }
        />
      </SimpleGrid>
      <FileFacts file={profile.file as FileReport} />
    </Stack>
  );
}

function Tile({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <Card withBorder padding="sm">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={26} fw={650} lh={1.3} style={{ fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Text>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Card>
  );
}

function FileFacts({ file }: { file: FileReport }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const left = LEFT_OUT.map((name) => ({ name, count: file[name] ?? 0 })).filter(({ count }) => count > 0);
  const sure = (name: string): string | null => {
    if (file.given !== undefined && name in file.given) {
      return t("file.given");
    }
    const confidence = file.confidence?.[name];
    return confidence === undefined ? null : t("file.confidence", { share: format.percent(confidence, 0) });
  };
  const delimiter = file.delimiter ?? "";
  const known = DELIMITERS[delimiter as keyof typeof DELIMITERS];
  return (
    <Card withBorder padding="sm">
      <Group component="dl" gap="xl" m={0} align="flex-start">
        {file.encoding && (
          <Fact label={t("file.encoding")} note={sure("encoding")}>
            {file.encoding.toUpperCase()}
          </Fact>
        )}
        {delimiter && (
          <Fact label={t("file.delimiter")} note={sure("delimiter")}>
            {known ? t(`file.delimiters.${known}`) : delimiter}
          </Fact>
        )}
        {file.decimal && (
          <Fact label={t("file.decimal")} note={sure("decimal")}>
            {file.decimal === "," ? t("file.decimals.comma") : t("file.decimals.point")}
          </Fact>
        )}
        {file.header !== undefined && (
          <Fact label={t("file.header")} note={sure("header")}>
            {file.header ? t("file.hasHeader") : t("file.noHeader")}
          </Fact>
        )}
        {left.length > 0 && (
          <Fact label={t("file.leftOut")} note={null}>
            {left.map(({ name, count }) => t(`file.${name}`, { count })).join(", ")}
          </Fact>
        )}
        {file.quotes !== undefined && file.quotes !== "paired" && (
          <Fact label={t("file.quotes")} note={null}>
            {t("file.quotesIgnored")}
          </Fact>
        )}
      </Group>
    </Card>
  );
}

function Fact({ label, note, children }: { label: string; note: string | null; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {label}
      </Text>
      <Text component="dd" m={0} size="sm" fw={500}>
        {children}
        {note !== null && (
          <Text span size="xs" c="dimmed" ml={6} fw={400}>
            {note}
          </Text>
        )}
      </Text>
    </div>
  );
}

import { Badge, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";

const COLORS = { passed: "green", refused: "red", not_comparable: "yellow" } as const;

/** What the gate decided, in a word. */
export function GateBadge({ decision }: { decision: Schemas["GateView"]["decision"] }) {
  const { t } = useTranslation("run");
  return (
    <Badge variant="light" color={COLORS[decision]} tt="none">
      {t(`gate.decision.${decision}`)}
    </Badge>
  );
}

/** What the gate compared, and what it said of it. */
export function GateFigures({ gate }: { gate: Schemas["GateView"] }) {
  const { t, i18n } = useTranslation("run");
  return (
    <Stack gap="xs">
      <Text size="sm" {...(i18n.language === "en" ? {} : { lang: "en" })}>
        {gate.statement}
      </Text>
      <FigureTable
        metric={gate.metric}
        rows={[
          [t("gate.candidate"), gate.candidate],
          [t("gate.production"), gate.production],
          [t("gate.baseline"), gate.baseline],
          [t("gate.tolerance"), gate.tolerance],
        ]}
      />
    </Stack>
  );
}

/** Figures of one metric under each other. */
export function FigureTable({ metric, rows }: { metric: string; rows: [string, number | null][] }) {
  const { t } = useTranslation("run");
  const format = useFormat();
  const texts = useMetricTexts();
  return (
    <Table withTableBorder fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("gate.compared")}</Table.Th>
          <Table.Th ta="right">{texts.nameOf(metric)}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([label, figure]) => (
          <Table.Tr key={label}>
            <Table.Th scope="row" fw={400}>
              {label}
            </Table.Th>
            <Table.Td ta="right" ff="monospace">
              {figure === null ? t("gate.nothing") : format.number(figure, 6)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

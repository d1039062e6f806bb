import { Badge, Card, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";
import classes from "@/views/trainings/Leaderboard.module.css";
import { type Board, placesOf, type Row } from "@/views/trainings/leaderboard";

/** The candidates as they come, best first, with where their scores stand. */
export function Leaderboard({ board, underWay }: { board: Board; underWay: boolean }) {
  const { t } = useTranslation("trainings");
  const texts = useMetricTexts();
  const place = placesOf(board);
  return (
    <Card withBorder component="section" aria-label={t("board.title")} padding="lg">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t("board.title")}
        </Title>
        <Text size="sm" c="dimmed">
          {board.rows.length === 0
            ? t("board.empty")
            : t("board.text", {
                metric: texts.nameOf(board.metric),
                direction: texts.directionOf(board.metric),
              })}
        </Text>
        {board.rows.length > 0 && (
          <Table verticalSpacing="xs" aria-label={t("board.title")} className={classes.table ?? ""}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th visibleFrom="sm" w={60}>
                  {t("board.rank")}
                </Table.Th>
                <Table.Th>{t("board.model")}</Table.Th>
                <Table.Th ta="right">{t("board.score")}</Table.Th>
                <Table.Th ta="right" visibleFrom="xs">
                  {t("board.spread")}
                </Table.Th>
                <Table.Th visibleFrom="sm" className={classes.plotHead ?? ""}>
                  <Group justify="space-between" wrap="nowrap" gap="xs">
                    {t("board.plot")}
                    <Text size="xs" c="dimmed" component="span" aria-hidden>
                      {t("board.better")} →
                    </Text>
                  </Group>
                </Table.Th>
                <Table.Th ta="right" visibleFrom="md">
                  {t("board.folds")}
                </Table.Th>
                <Table.Th ta="right" visibleFrom="md">
                  {t("board.seconds")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {board.rows.map((row, rank) => (
                <Candidate
                  key={row.model}
                  row={row}
                  rank={rank + 1}
                  at={place(row)}
                  isLeading={underWay && rank === 0}
                />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Card>
  );
}

function Candidate({
  row,
  rank,
  at,
  isLeading,
}: {
  row: Row;
  rank: number;
  at: { at: number; from: number; to: number } | null;
  isLeading: boolean;
}) {
  const { t, i18n } = useTranslation(["trainings", "common"]);
  const format = useFormat();
  const words = i18n.language === "en" ? {} : { lang: "en" };
  const members = row.members.map(({ model, weight }) =>
    t("board.member", { name: model, share: format.percent(weight, 0) }),
  );
  return (
    <Table.Tr className={row.isChosen ? (classes.chosen ?? "") : ""}>
      <Table.Td visibleFrom="sm">{rank}</Table.Td>
      <Table.Td>
        <Group gap={6}>
          <Text size="sm" fw={row.isChosen ? 650 : 400} {...words}>
            {row.model}
          </Text>
          {row.isChosen && (
            <Badge size="sm" tt="none">
              {t("board.chosen")}
            </Badge>
          )}
          {isLeading && !row.isChosen && (
            <Badge size="sm" tt="none" variant="outline">
              {t("board.leading")}
            </Badge>
          )}
        </Group>
        {members.length > 0 && (
          <Text size="xs">
            {t("board.members", {
              list: new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(members),
            })}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right" className={classes.figure ?? ""}>
        {row.mean === null ? "–" : format.number(row.mean)}
      </Table.Td>
      <Table.Td ta="right" className={classes.figure ?? ""} visibleFrom="xs">
        {row.std === null ? "–" : `± ${format.number(row.std, 2)}`}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {at && (
          <div className={classes.plot} aria-hidden>
            <div
              className={classes.spread}
              style={{ insetInlineStart: `${100 * at.from}%`, width: `${100 * (at.to - at.from)}%` }}
            />
            <div className={classes.dot} style={{ insetInlineStart: `${100 * at.at}%` }} />
          </div>
        )}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="md">
        {row.folds ?? "–"}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="md" className={classes.figure ?? ""}>
        {row.seconds === null ? "–" : format.duration(row.seconds)}
      </Table.Td>
    </Table.Tr>
  );
}

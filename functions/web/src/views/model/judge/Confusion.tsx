import { Group, List, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import type { ConfusionMatrix } from "../report/report";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { sharesByRow, totals, worstConfusions } from "./confusion";
import classes from "./confusion.module.css";

const WORST = 8;

/** What was taken for what, on the rows that judged. */
export function Confusion({ confusion }: { confusion: ConfusionMatrix }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const isShares = params.get("matrix") === "shares";
  const { rows, right } = totals(confusion);
  const worst = worstConfusions(confusion, WORST);
  return (
    <Section
      id="mistakes"
      title={t("sections.mistakes")}
      intro={t("confusion.intro", { right: format.integer(right), rows: format.integer(rows) })}
    >
      <Group>
        <SegmentedControl
          size="xs"
          aria-label={t("confusion.show")}
          value={isShares ? "shares" : "counts"}
          onChange={(value) =>
            setParams(
              (before) => {
                if (value === "shares") before.set("matrix", "shares");
                else before.delete("matrix");
                return before;
              },
              { replace: true, preventScrollReset: true },
            )
          }
          data={[
            { value: "counts", label: t("confusion.counts") },
            { value: "shares", label: t("confusion.shares") },
          ]}
        />
      </Group>
      <Text size="xs" c="dimmed" id="matrix-read" maw="75ch">
        {t("confusion.caption")}
      </Text>
      <ScrollBox label={t("confusion.title")} isLong>
        <Matrix confusion={confusion} isShares={isShares} />
      </ScrollBox>
      {worst.length > 0 && confusion.labels.length > 2 && (
        <Stack gap={4}>
          <Title order={3} size="h5">
            {t("confusion.worst")}
          </Title>
          <List size="sm">
            {worst.map((one) => (
              <List.Item key={`${one.truth}|${one.answer}`}>
                {t("confusion.taken", {
                  count: one.count,
                  truth: one.truth,
                  answer: one.answer,
                  share: format.percent(one.share, 0),
                })}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
      {worst.length === 0 && <Text size="sm">{t("confusion.noMistake")}</Text>}
    </Section>
  );
}

function Matrix({ confusion, isShares }: { confusion: ConfusionMatrix; isShares: boolean }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const shares = sharesByRow(confusion.matrix);
  return (
    <table className={classes.table} aria-label={t("confusion.title")} aria-describedby="matrix-read">
      <thead>
        <tr>
          <td className={classes.corner}>{t("confusion.corner")}</td>
          {confusion.labels.map((label) => (
            <th key={label} scope="col" className={classes.head} title={label}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {confusion.labels.map((truth, row) => (
          <tr key={truth}>
            <th scope="row" className={classes.label} title={truth}>
              {truth}
            </th>
            {confusion.labels.map((answer, column) => {
              const count = confusion.matrix[row]?.[column] ?? 0;
              const share = shares[row]?.[column] ?? null;
              return (
                <td
                  key={answer}
                  className={row === column ? classes.right : classes.wrong}
                  style={{ "--heat": share ?? 0 } as React.CSSProperties}
                >
                  {isShares ? (share === null ? "–" : format.percent(share, 0)) : format.integer(count)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

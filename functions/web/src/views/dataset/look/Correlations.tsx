import { Group, Stack, Text, Tooltip, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconChartDots } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { EmptyState } from "@/ui/EmptyState";
import { Figure } from "@/ui/Figure";
import { withColumn } from "@/views/dataset/look/address";
import classes from "@/views/dataset/look/Correlations.module.css";
import { matrixOf, unlistedBelow } from "@/views/dataset/look/correlations";
import { correlationsOf, type Profile } from "@/views/dataset/look/profile";

const MOST = 14;

/** The strongest correlations as a heat map of the columns that have them. */
export function Correlations({ profile }: { profile: Profile }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const [params] = useSearchParams();
  const pairs = useMemo(() => correlationsOf(profile), [profile]);
  const matrix = useMemo(() => matrixOf(pairs, MOST), [pairs]);
  const [strongest] = pairs;
  if (strongest === undefined) {
    return (
      <EmptyState
        icon={<IconChartDots />}
        title={t("correlations.noneTitle")}
        text={t("correlations.noneText")}
      />
    );
  }
  const value = (of: number) => format.number(of, 2);
  const columns = matrix.names.slice(0, -1);
  return (
    <Figure
      title={t("correlations.title")}
      summary={t("correlations.summary", {
        a: strongest.columns[0],
        b: strongest.columns[1],
        value: format.number(strongest.correlation, 3),
        below: value(unlistedBelow(pairs)),
      })}
      table={{
        head: [t("correlations.first"), t("correlations.second"), t("correlations.correlation")],
        rows: pairs.map((pair) => [...pair.columns, format.number(pair.correlation, 3)]),
      }}
      isInteractive
    >
      <Stack gap="sm">
        <section className={classes.scroll} aria-label={t("correlations.map")}>
          <table className={classes.map}>
            <tbody>
              {matrix.names.slice(1).map((row, place) => (
                <tr key={row}>
                  <th scope="row" title={row}>
                    {row}
                  </th>
                  {columns.slice(0, place + 1).map((column) => {
                    const correlation = matrix.cell(row, column);
                    return (
                      <td key={column} className={classes.place}>
                        {correlation !== undefined && (
                          <Tooltip
                            label={t("correlations.pair", {
                              a: row,
                              b: column,
                              value: format.number(correlation, 3),
                            })}
                            multiline
                            maw={320}
                          >
                            <UnstyledButton
                              component={Link}
                              to={withColumn(params, row)}
                              preventScrollReset
                              className={classes.cell ?? ""}
                              style={{ background: colourOf(correlation) }}
                            >
                              <VisuallyHidden>
                                {t("correlations.pairOf", { a: row, b: column })}{" "}
                              </VisuallyHidden>
                              {value(correlation)}
                            </UnstyledButton>
                          </Tooltip>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
              <tr>
                <td />
                {columns.map((column) => (
                  <th key={column} scope="col" title={column} className={classes.foot}>
                    <span>{column}</span>
                  </th>
                ))}
              </tr>
            </tbody>
          </table>
        </section>
        <Group gap="xs" fz="xs" wrap="nowrap">
          <Text size="xs">{t("correlations.opposite")}</Text>
          <div className={classes.legend} aria-hidden>
            {[-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1].map((step) => (
              <span key={step} style={{ background: colourOf(step) }} />
            ))}
          </div>
          <Text size="xs">{t("correlations.together")}</Text>
        </Group>
      </Stack>
    </Figure>
  );
}

// Fuller ones would leave too little contrast to the figure on them.
const FULLEST = 75;

/** Blue goes together, orange against each other; the stronger, the fuller. */
function colourOf(correlation: number): string {
  const colour = correlation > 0 ? "var(--map-together)" : "var(--map-opposite)";
  return `color-mix(in srgb, ${colour} ${Math.round(Math.abs(correlation) * FULLEST)}%, transparent)`;
}

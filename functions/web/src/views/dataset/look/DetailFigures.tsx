import { Table, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Column } from "@/views/dataset/look/profile";
import { useDatumText } from "@/views/dataset/look/useDatumText";

/** All figures of a column. */
export function DetailFigures({ column, rows }: { column: Column; rows: number }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const datumText = useDatumText();
  const { datum, integer, percent } = format;
  const share = (count: number) =>
    t("detail.countShare", { number: integer(count), share: percent(rows === 0 ? 0 : count / rows) });
  const figures: [string, string][] = [
    [t("figures.missing"), share(column.missing)],
    [t("figures.distinct"), integer(column.distinct)],
  ];
  if (column.mean !== undefined && column.std !== undefined) {
    figures.push([t("figures.mean"), datum(column.mean)], [t("figures.std"), datum(column.std)]);
  }
  for (const [quantile, value] of Object.entries(column.quantiles ?? {}).sort(
    ([a], [b]) => Number(a) - Number(b),
  )) {
    figures.push([quantileName(Number(quantile)), datum(value)]);
  }
  if (column.outliers !== undefined) {
    const { count, low, high } = column.outliers;
    figures.push([t("figures.outliers", { low: datum(low), high: datum(high) }), share(count)]);
  }
  if (column.zeros !== undefined && column.negative !== undefined) {
    figures.push([t("figures.zeros"), share(column.zeros)], [t("figures.negative"), share(column.negative)]);
  }
  if (column.first !== undefined && column.last !== undefined) {
    figures.push(
      [t("figures.first"), datumText(column.first, true)],
      [t("figures.last"), datumText(column.last, true)],
      [t("figures.days"), integer(column.days ?? 0)],
    );
  }
  if (column.length !== undefined) {
    figures.push(
      [t("figures.shortest"), integer(column.length.min)],
      [t("figures.meanLength"), format.number(column.length.mean)],
      [t("figures.longest"), integer(column.length.max)],
    );
  }

  function quantileName(quantile: number): string {
    switch (quantile) {
      case 0:
        return t("figures.min");
      case 0.5:
        return t("figures.median");
      case 1:
        return t("figures.max");
      default:
        return t("figures.quantile", { share: percent(quantile) });
    }
  }

  return (
    <section aria-labelledby="look-figures">
      <Title order={3} size="h5" mb={4} id="look-figures">
        {t("detail.figures")}
      </Title>
      <Table fz="sm" verticalSpacing={4} horizontalSpacing="xs">
        <Table.Tbody>
          {figures.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} c="dimmed">
                {name}
              </Table.Th>
              <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums" }}>
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

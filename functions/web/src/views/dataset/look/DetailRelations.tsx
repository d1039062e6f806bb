import { Anchor, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { withColumn } from "@/views/dataset/look/address";
import { partnersOf } from "@/views/dataset/look/correlations";
import { associationsOf, type Column, correlationsOf, type Profile } from "@/views/dataset/look/profile";

const MEASURES = {
  "rank correlation": "rank",
  "correlation ratio": "ratio",
  "Cramér's V": "cramer",
} as const;

/** What goes with a column: the target where a recipe names one, and other numbers. */
export function DetailRelations({ column, profile }: { column: Column; profile: Profile }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const [params] = useSearchParams();
  const { target } = profile;
  const association = associationsOf(profile).find((entry) => entry.column === column.name);
  const partners = partnersOf(correlationsOf(profile), column.name);
  return (
    <Stack gap="md">
      {target && (
        <section aria-labelledby="look-target">
          <Title order={3} size="h5" mb={4} id="look-target">
            {t("detail.target", { target: target.name })}
          </Title>
          <Text size="sm">
            {target.name === column.name && t("detail.isTarget")}
            {target.name !== column.name &&
              (association === undefined
                ? t("detail.noAssociation")
                : t("detail.association", {
                    value: format.number(association.association, 3),
                    measure: measureName(association.measure),
                  }))}
          </Text>
        </section>
      )}
      {column.type === "numeric" && (
        <section aria-labelledby="look-partners">
          <Title order={3} size="h5" mb={4} id="look-partners">
            {t("detail.correlations")}
          </Title>
          {partners.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t("detail.noCorrelations")}
            </Text>
          ) : (
            <Table fz="sm" verticalSpacing={4} horizontalSpacing="xs">
              <Table.Tbody>
                {partners.map((partner) => (
                  <Table.Tr key={partner.name}>
                    <Table.Th scope="row" fw={400} style={{ overflowWrap: "anywhere" }}>
                      <Anchor
                        component={Link}
                        to={withColumn(params, partner.name)}
                        replace
                        preventScrollReset
                        size="sm"
                      >
                        {partner.name}
                      </Anchor>
                    </Table.Th>
                    <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums" }}>
                      {format.number(partner.correlation, 3)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </section>
      )}
    </Stack>
  );

  function measureName(measure: string): string {
    const known = MEASURES[measure as keyof typeof MEASURES];
    return known ? t(`measures.${known}`) : measure;
  }
}

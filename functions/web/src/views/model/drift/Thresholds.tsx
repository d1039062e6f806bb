import { Accordion, List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";

type Pair = { watch: number; drifted: number };

/** What makes a status, with the thresholds that the service used. */
export function Thresholds({ thresholds }: { thresholds: Record<string, unknown> }) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  const [psi, superiority, share] = [
    pairOf(thresholds.psi),
    pairOf(thresholds.superiority),
    pairOf(thresholds.share),
  ];
  if (!psi || !superiority || !share) {
    return null;
  }
  return (
    <Accordion variant="contained">
      <Accordion.Item value="thresholds">
        <Accordion.Control>{t("how.title")}</Accordion.Control>
        <Accordion.Panel>
          <List size="sm" spacing="xs">
            <List.Item>
              {t("how.psi", { watch: format.number(psi.watch), drifted: format.number(psi.drifted) })}
            </List.Item>
            <List.Item>{t("how.js")}</List.Item>
            <List.Item>
              {t("how.superiority", {
                watch: format.percent(0.5 + superiority.watch),
                drifted: format.percent(0.5 + superiority.drifted),
              })}
            </List.Item>
            <List.Item>
              {t("how.share", { watch: format.percent(share.watch), drifted: format.percent(share.drifted) })}
            </List.Item>
            <List.Item>
              {t("how.chance", { share: format.percent(Number(thresholds.false_alarms ?? 0), 2) })}
            </List.Item>
          </List>
          <Text size="sm" mt="xs">
            {t("how.meaning")}
          </Text>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function pairOf(value: unknown): Pair | null {
  const pair = value as Partial<Pair> | undefined;
  return typeof pair?.watch === "number" && typeof pair.drifted === "number"
    ? { watch: pair.watch, drifted: pair.drifted }
    : null;
}

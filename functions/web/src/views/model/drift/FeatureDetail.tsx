import { Alert, Drawer, Group, List, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { DistributionFigure } from "./DistributionFigure";
import { DriftBadge } from "./DriftBadge";
import { type Feature, moveOf, strangeOf } from "./drift";

/** One feature: where it was in training, where it is now, and what was found. */
export function FeatureDetail({
  name,
  feature,
  onClose,
}: {
  name: string | null;
  feature: Feature | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation(["drift", "common"]);
  return (
    <Drawer
      opened={name !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={<span style={{ overflowWrap: "anywhere" }}>{t("detail.title", { feature: name ?? "" })}</span>}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {feature ? <Detail feature={feature} /> : <Text>{t("detail.absent")}</Text>}
    </Drawer>
  );
}

function Detail({ feature }: { feature: Feature }) {
  const { t } = useTranslation(["drift", "common"]);
  const format = useFormat();
  const move = moveOf(feature);
  const strange = strangeOf(feature);
  return (
    <Stack>
      <Group gap="xs">
        <DriftBadge status={feature.status} />
        <Text size="sm" c="dimmed">
          {t(`common:type.${feature.type}`)}
        </Text>
      </Group>
      {feature.findings.length > 0 && (
        <Alert color="orange" variant="light" title={t("detail.findings")}>
          <List size="sm">
            {feature.findings.map((finding) => (
              <List.Item key={finding.code}>
                {finding.code === "date_moves_on"
                  ? t("finding.date_moves_on")
                  : t(`finding.${finding.code}`, {
                      observed: format.percent(feature[finding.code]?.observed ?? 0),
                      expected: format.percent(feature[finding.code]?.expected ?? 0),
                    })}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {feature.bins.length > 0 ? (
        <DistributionFigure title={t("figure.title")} bins={feature.bins} type={feature.type} />
      ) : (
        <Text size="sm">{t("detail.noBins")}</Text>
      )}
      <List size="sm" spacing="xs">
        <List.Item>
          {t("detail.psi", {
            psi: format.number(feature.psi, 3),
            chance: format.number(feature.psi_by_chance, 2),
          })}
        </List.Item>
        <List.Item>{t("detail.js", { js: format.number(feature.js_distance, 2) })}</List.Item>
        {move !== null && typeof feature.superiority === "number" && (
          <List.Item>
            {t(move >= 0 ? "detail.above" : "detail.below", {
              share: format.percent(move >= 0 ? feature.superiority : 1 - feature.superiority, 0),
              chance: format.percent(0.5 + (feature.superiority_by_chance ?? 0), 0),
            })}
          </List.Item>
        )}
        {feature.missing && (
          <List.Item>
            {t("detail.missing", {
              observed: format.percent(feature.missing.observed),
              expected: format.percent(feature.missing.expected),
            })}
          </List.Item>
        )}
        {strange && (
          <List.Item>
            {t(feature.unseen ? "detail.unseen" : "detail.outOfRange", {
              observed: format.percent(strange.observed),
              expected: format.percent(strange.expected),
            })}
          </List.Item>
        )}
      </List>
    </Stack>
  );
}

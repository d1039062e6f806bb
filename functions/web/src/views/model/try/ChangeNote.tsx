import { Alert, List, Text } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Field } from "@/views/model/try/fields";
import { changesOf } from "@/views/model/try/reasons";
import type { Asked } from "@/views/model/try/useAsk";
import { useSigned } from "@/views/model/try/words";

const MOST_CHANGES = 5;

/** What changed against the answer before, and which fields made it so. */
export function ChangeNote({
  before,
  after,
  fields,
}: {
  before: Asked;
  after: Asked;
  fields: readonly Field[];
}) {
  const { t } = useTranslation("try");
  const changes = changesOf(before.values, after.values);
  const kinds = new Map(fields.map((field) => [field.name, field.kind]));
  const shown = (name: string, value: string) => {
    if (value.trim() === "") return t("field.missing");
    if (kinds.get(name) === "boolean") return value === "true" ? t("field.yes") : t("field.no");
    return value.length > 60 ? `${value.slice(0, 60)}…` : value;
  };
  const sentence = useChangeText(before, after);
  return (
    <Alert variant="light" color="gray" icon={<IconArrowsDiff />} title={t("change.title")}>
      <Text size="sm">{sentence}</Text>
      <List size="sm" mt={4}>
        {changes.slice(0, MOST_CHANGES).map((change) => (
          <List.Item key={change.name} style={{ overflowWrap: "anywhere" }}>
            {t("change.field", {
              name: change.name,
              before: shown(change.name, change.before),
              after: shown(change.name, change.after),
            })}
          </List.Item>
        ))}
      </List>
      {changes.length > MOST_CHANGES && (
        <Text size="sm">{t("change.more", { count: changes.length - MOST_CHANGES })}</Text>
      )}
    </Alert>
  );
}

function useChangeText(before: Asked, after: Asked): string {
  const { t } = useTranslation("try");
  const format = useFormat();
  const points = useSigned(true);
  const numbers = useSigned(false);
  const was = before.prediction;
  const is = after.prediction;
  if (typeof was.prediction === "number" && typeof is.prediction === "number") {
    const change = is.prediction - was.prediction;
    return change === 0
      ? t("change.same")
      : t("change.number", {
          before: format.number(was.prediction, 6),
          after: format.number(is.prediction, 6),
          change: numbers(change),
        });
  }
  // The class that answers now is followed; the one before may have become improbable.
  const label = String(is.prediction);
  const former = was.probabilities?.[label] ?? 0;
  const now = is.probabilities?.[label] ?? 0;
  if (was.prediction === is.prediction && former === now) {
    return t("change.same");
  }
  const said = {
    label,
    before: format.percent(former),
    after: format.percent(now),
    change: points(now - former),
  };
  return was.prediction === is.prediction
    ? t("change.probability", said)
    : t("change.class", { ...said, former: String(was.prediction) });
}

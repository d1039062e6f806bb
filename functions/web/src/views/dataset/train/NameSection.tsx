import { Autocomplete, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isModelName } from "@/views/dataset/train/draft";
import type { TrainForm } from "@/views/dataset/train/form";
import { Section } from "@/views/dataset/train/Section";
import { useModelNamed } from "@/views/dataset/train/useModelNamed";

/** The model's name, and whether the training makes another version of one that is there. */
export function NameSection({ form, byFile }: { form: TrainForm; byFile: string }) {
  const { t } = useTranslation("train");
  const { model, target } = form.values;
  const name = model || byFile;
  const { known, found } = useModelNamed(isModelName(name) ? name : null);
  const isOther = found != null && target !== "" && found.target !== target;
  const error = !isModelName(name)
    ? t("name.invalid")
    : isOther
      ? t("name.other", { name, target: found.target })
      : undefined;
  return (
    <Section title={t("name.title")}>
      <div>
        <Autocomplete
          label={t("name.label")}
          description={t("name.text", { name: byFile })}
          placeholder={byFile}
          data={known.filter((each) => target === "" || each.target === target).map((each) => each.name)}
          maw={460}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps("model")}
          error={form.errors.model ?? error}
        />
        <Text size="sm" c="dimmed" mt={4} role="status">
          {!error && found === null && t("name.new")}
          {!error && found != null && t("name.next", { version: found.latest_version + 1 })}
        </Text>
      </div>
    </Section>
  );
}

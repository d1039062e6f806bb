import { Alert, Anchor, Badge, Button, Group, List, MultiSelect, Select, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import type { TrainForm } from "@/views/dataset/train/form";
import { Section } from "@/views/dataset/train/Section";
import type { Column } from "@/views/dataset/train/task";

const LISTED = 50;
const SHOWN = 8;
const AUTOMATIC = ["id_like", "constant", "all_missing", "duplicate_column"] as const;

type Automatic = (typeof AUTOMATIC)[number];

/** Which data the model sees: as read or as a recipe leaves it, and without which columns. */
export function DataSection({
  form,
  datasetId,
  recipes,
  columns,
  warnings,
}: {
  form: TrainForm;
  datasetId: string;
  recipes: Schemas["RecipeSummary"][];
  columns: Column[];
  warnings: Schemas["ProfileWarning"][];
}) {
  const { t, i18n } = useTranslation(["train", "common"]);
  const { target, exclude, keep, recipe } = form.values;
  const ready = recipes.filter(({ status }) => status === "READY");
  const chosen = ready.find(({ version }) => version === recipe);
  const names = columns.map(({ name }) => name).filter((name) => name !== target);
  const leaking = warnings.filter(
    ({ column, code }) =>
      code === "leaking_column" && column !== null && column !== target && !exclude.includes(column),
  );
  return (
    <Section title={t("data.title")}>
      <Stack gap="xs">
        {ready.length === 0 && recipe === null ? (
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              {t("data.noRecipe")}
            </Text>
            <Anchor component={Link} to={`/datasets/${datasetId}/clean`} size="sm">
              {t("data.clean")}
            </Anchor>
          </Group>
        ) : (
          <Select
            label={t("data.recipe")}
            description={t("data.recipeText")}
            data={[
              { value: "raw", label: t("data.raw") },
              ...ready.map(({ version, sentences }) => ({
                value: String(version),
                label: t("data.recipeOption", { version, count: sentences.length }),
              })),
            ]}
            value={recipe === null ? "raw" : String(recipe)}
            onChange={(value) => form.setFieldValue("recipe", value === "raw" ? null : Number(value))}
            allowDeselect={false}
            error={
              form.errors.recipe ??
              (recipe !== null && !chosen ? t("data.recipeUnknown", { version: recipe }) : null)
            }
            maw={460}
          />
        )}
        {chosen && (
          <List size="sm" type="ordered" c="dimmed" {...(i18n.language === "en" ? {} : { lang: "en" })}>
            {chosen.sentences.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        )}
      </Stack>
      {leaking.map(({ column }) => (
        <Alert key={column} color="orange" icon={<IconAlertTriangle />}>
          <Group justify="space-between">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {t("data.leaking", { name: column ?? "" })}
            </Text>
            <Button
              size="xs"
              variant="light"
              color="orange"
              onClick={() => form.setFieldValue("exclude", [...exclude, column ?? ""])}
            >
              {t("data.leaveOut")}
            </Button>
          </Group>
        </Alert>
      ))}
      <ColumnSelect
        label={t("data.exclude")}
        description={t("data.excludeText")}
        names={names}
        value={exclude}
        error={form.errors.exclude}
        onChange={(chosenNames: string[]) => {
          form.setFieldValue("exclude", chosenNames);
          form.setFieldValue(
            "keep",
            keep.filter((name) => !chosenNames.includes(name)),
          );
        }}
      />
      <LeftOut warnings={warnings} target={target} keep={keep} />
      <ColumnSelect
        label={t("data.keep")}
        description={t("data.keepText")}
        names={names.filter((name) => !exclude.includes(name))}
        value={keep}
        error={form.errors.keep}
        onChange={(chosenNames) => form.setFieldValue("keep", chosenNames)}
      />
    </Section>
  );
}

function ColumnSelect({
  names,
  value,
  ...props
}: {
  label: string;
  description: string;
  names: string[];
  value: string[];
  error: ReactNode;
  onChange: (names: string[]) => void;
}) {
  const { t } = useTranslation(["train", "common"]);
  return (
    <MultiSelect
      {...props}
      value={value}
      // What the data does not have any more stays visible, so that it can be taken out.
      data={[...new Set([...names, ...value])]}
      limit={LISTED}
      searchable
      clearable
      hidePickedOptions
      placeholder={value.length === 0 ? t("data.choose") : ""}
      nothingFoundMessage={t("target.nothingFound")}
      clearButtonProps={{ "aria-label": t("common:none") }}
    />
  );
}

function LeftOut({
  warnings,
  target,
  keep,
}: {
  warnings: Schemas["ProfileWarning"][];
  target: string;
  keep: string[];
}) {
  const { t } = useTranslation("train");
  const found = warnings.filter(
    ({ column, code }) =>
      column !== null && column !== target && !keep.includes(column) && AUTOMATIC.includes(code as Automatic),
  );
  if (found.length === 0) {
    return null;
  }
  return (
    <Group gap={6}>
      <Text size="sm" c="dimmed">
        {t("data.automatic")}
      </Text>
      {found.slice(0, SHOWN).map(({ column, code }) => (
        <Badge key={`${column} ${code}`} variant="light" color="gray" tt="none" maw={280}>
          {column} ({t(`data.why.${code as Automatic}`)})
        </Badge>
      ))}
      {found.length > SHOWN && (
        <Text size="sm" c="dimmed">
          {t("data.more", { count: found.length - SHOWN })}
        </Text>
      )}
    </Group>
  );
}

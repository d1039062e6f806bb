import { Group, Pagination, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Finding } from "@/views/model/try/answerRows";
import { FieldInput } from "@/views/model/try/FieldInput";
import type { Field } from "@/views/model/try/fields";
import type { FormValues } from "@/views/model/try/instance";
import classes from "@/views/model/try/Try.module.css";
import { useFindingText } from "@/views/model/try/words";

/** Beyond so many fields a page has a search and pages. */
export const PAGE_FIELDS = 40;

/** The fields of a form; many of them are shown page by page. */
export function FieldList({
  fields,
  values,
  faults,
  warnings,
  page,
  onPage,
  onChange,
}: {
  fields: readonly Field[];
  values: FormValues;
  faults: ReadonlyMap<string, Finding>;
  warnings: ReadonlyMap<string, Finding>;
  page: number;
  onPage: (page: number) => void;
  onChange: (name: string, value: string) => void;
}) {
  const { t } = useTranslation("try");
  const textOf = useFindingText();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = wanted === "" ? fields : fields.filter((field) => field.name.toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_FIELDS));
  const here = Math.min(page, pages);
  const shown = found.slice((here - 1) * PAGE_FIELDS, here * PAGE_FIELDS);
  const say = (finding: Finding | undefined, field: Field) => (finding ? textOf(finding, field) : null);
  return (
    <Stack gap="md">
      {fields.length > PAGE_FIELDS && (
        <Group justify="space-between" align="flex-end">
          <TextInput
            type="search"
            label={t("fields.search")}
            leftSection={<IconSearch size={16} />}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              onPage(1);
            }}
          />
          <Text size="sm" c="dimmed" role="status">
            {t("fields.found", { count: found.length })}
          </Text>
        </Group>
      )}
      {found.length === 0 && <Text c="dimmed">{t("fields.none")}</Text>}
      <div className={classes.grid}>
        {shown.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            fault={say(faults.get(field.name), field)}
            warning={say(warnings.get(field.name), field)}
            onChange={onChange}
          />
        ))}
      </div>
      {pages > 1 && (
        <Pagination
          total={pages}
          value={here}
          onChange={onPage}
          size="sm"
          getControlProps={(control) => ({ "aria-label": t(`fields.${control}`) })}
          getItemProps={(number) => ({ "aria-label": t("fields.page", { number }) })}
        />
      )}
    </Stack>
  );
}

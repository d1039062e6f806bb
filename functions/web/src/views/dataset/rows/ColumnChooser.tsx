import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { IconColumns3 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";

// Nobody ticks more boxes than these one by one; the search finds the others.
const LISTED = 100;

/** The columns that are not shown, by name; they stay hidden over a reload. */
export function useHiddenColumns(datasetId: string) {
  return useSessionStorage<string[]>({
    key: `csv-analyzer.hidden-columns.${datasetId}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
}

/** Choose which columns the table shows. */
export function ColumnChooser({
  columns,
  hidden,
  onChange,
}: {
  columns: readonly Schemas["PreviewColumn"][];
  hidden: readonly string[];
  onChange: (hidden: string[]) => void;
}) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const [search, setSearch] = useState("");
  const names = columns.map((column) => column.name);
  const wanted = search.trim().toLocaleLowerCase();
  const found = names.filter((name) => name.toLocaleLowerCase().includes(wanted));
  const shown = names.filter((name) => !hidden.includes(name)).length;
  return (
    <Popover width={320} position="bottom-start" shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} />}>
          {t("rows.columns", { shown: format.integer(shown), number: format.integer(names.length) })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("rows.choose")}>
        <Stack gap="xs">
          <TextInput
            type="search"
            aria-label={t("columns.search")}
            placeholder={t("columns.search")}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => onChange(hidden.filter((name) => !found.includes(name)))}
            >
              {t("rows.showThese", { count: found.length })}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => onChange([...new Set([...hidden, ...found])])}
            >
              {t("rows.hideThese", { count: found.length })}
            </Button>
          </Group>
          <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: -1 }}>
            <Stack gap={6} p={2}>
              {found.slice(0, LISTED).map((name) => (
                <Checkbox
                  key={name}
                  size="xs"
                  label={name}
                  checked={!hidden.includes(name)}
                  onChange={(event) =>
                    onChange(
                      event.currentTarget.checked
                        ? hidden.filter((other) => other !== name)
                        : [...hidden, name],
                    )
                  }
                  styles={{ label: { overflowWrap: "anywhere" } }}
                />
              ))}
              {found.length > LISTED && (
                <Text size="xs" c="dimmed">
                  {t("rows.moreColumns", { count: found.length - LISTED })}
                </Text>
              )}
            </Stack>
          </ScrollArea.Autosize>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

import { Badge, Button, Card, Collapse, List, Stack, Table, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { saveCsv } from "@/ui/csvFile";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Waiting } from "@/ui/Waiting";
import { columnsOf, templateOf } from "@/views/model/batch/template";

/** What a file must look like, and a template of it. */
export function FileCard({ model, version }: { model: string; version: number }) {
  const { t, i18n } = useTranslation("batch");
  const [opened, { toggle }] = useDisclosure(false);
  const schema = $api.useQuery(
    "get",
    "/models/{name}/schema",
    { params: { path: { name: model }, query: { version } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (schema.isPending) return <Waiting />;
  if (schema.isError) return <ProblemAlert error={schema.error} onRetry={() => schema.refetch()} />;
  const columns = columnsOf(schema.data);
  const required = columns.filter((column) => !column.mayBeMissing).length;
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h4">
          {t("file.title")}
        </Title>
        <List size="sm" spacing={4}>
          <List.Item>{t("file.columns", { count: columns.length })}</List.Item>
          <List.Item>
            {required === columns.length ? t("file.allFilled") : t("file.someEmpty", { count: required })}
          </List.Item>
          <List.Item>{t("file.written")}</List.Item>
          <List.Item>{t("file.result")}</List.Item>
        </List>
        <Button
          variant="light"
          leftSection={<IconDownload size={16} />}
          onClick={() => saveCsv(`${model}-${t("file.templateName")}.csv`, templateOf(schema.data))}
        >
          {t("file.template")}
        </Button>
        <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={opened}>
          {opened ? t("file.hideColumns") : t("file.showColumns", { count: columns.length })}
        </Button>
        <Collapse in={opened} w="100%">
          {opened && (
            <Table.ScrollContainer
              minWidth={240}
              mah={320}
              type="native"
              // What scrolls is reached by the keyboard.
              tabIndex={0}
              role="region"
              aria-label={t("file.column")}
            >
              <Table fz="sm" stickyHeader>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t("file.column")}</Table.Th>
                    <Table.Th>{t("file.holds")}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {columns.map((column) => (
                    <Table.Tr key={column.name}>
                      <Table.Td style={{ overflowWrap: "anywhere" }}>
                        {column.name}{" "}
                        {column.mayBeMissing && (
                          <Badge size="sm" variant="default" tt="none">
                            {t("file.mayBeEmpty")}
                          </Badge>
                        )}
                      </Table.Td>
                      <Table.Td>
                        <Text size="sm" {...(i18n.language === "en" ? {} : { lang: "en" })}>
                          {column.description}
                        </Text>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Collapse>
      </Stack>
    </Card>
  );
}

import { Collapse, Group, Stack, Table, Text, Title, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

export type FigureTable = { head: string[]; rows: (string | number)[][] };

/** A chart with its title, what it says in a sentence, and its numbers as a table on demand.
 *
 * A screen reader gets the sentence and the table; the drawing itself is one image to it.
 */
export function Figure({
  title,
  summary,
  table,
  isInteractive = false,
  children,
}: {
  title: string;
  summary: string;
  table?: FigureTable;
  /** It holds links or buttons, so that it is no single image to a screen reader. */
  isInteractive?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const [opened, { toggle }] = useDisclosure(false);
  const id = useId();
  return (
    <Stack component="figure" m={0} gap="xs" aria-labelledby={id}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} size="h5" id={id}>
          {title}
        </Title>
        {table && (
          <UnstyledButton onClick={toggle} aria-expanded={opened} fz="xs" c="dimmed" td="underline">
            {opened ? t("figure.hideTable") : t("figure.showTable")}
          </UnstyledButton>
        )}
      </Group>
      <div {...(isInteractive ? {} : { role: "img", "aria-label": summary })}>{children}</div>
      <Text size="xs" c="dimmed">
        {summary}
      </Text>
      {table && (
        <Collapse in={opened}>
          {opened && (
            <Table.ScrollContainer minWidth={200} mah={260}>
              <Table withTableBorder fz="xs">
                <Table.Thead>
                  <Table.Tr>
                    {table.head.map((name) => (
                      <Table.Th key={name}>{name}</Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {table.rows.map((row, number) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name but their place
                    <Table.Tr key={number}>
                      {row.map((cell, column) => (
                        <Table.Td key={table.head[column]}>{cell}</Table.Td>
                      ))}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Collapse>
      )}
    </Stack>
  );
}

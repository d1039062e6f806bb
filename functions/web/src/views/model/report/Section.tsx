import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { styles } from "./styles";

/** A part of a long view, with an address of its own. */
export function Section({
  id,
  title,
  intro,
  children,
}: {
  id: string;
  title: string;
  intro?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Paper component="section" withBorder p={{ base: "sm", sm: "lg" }} aria-labelledby={id}>
      <Stack gap="md">
        <Stack gap={4}>
          <Title order={2} size="h4" id={id} tabIndex={-1} data-section className={styles.anchor}>
            {title}
          </Title>
          {intro !== undefined && (
            <Text size="sm" c="dimmed" component="div" maw="75ch">
              {intro}
            </Text>
          )}
        </Stack>
        {children}
      </Stack>
    </Paper>
  );
}

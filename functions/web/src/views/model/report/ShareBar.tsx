import { Group, Text } from "@mantine/core";
import { useFormat } from "@/i18n/format";
import { styles } from "./styles";

/** A share of 0..1 as a number with a bar beside it. */
export function ShareBar({ share }: { share: number }) {
  const format = useFormat();
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" w="3.2rem" ta="end">
        {format.percent(share, 0)}
      </Text>
      <div style={{ flex: 1 }}>
        <div className={styles.bar} style={{ inlineSize: `${share * 100}%` }} />
      </div>
    </Group>
  );
}

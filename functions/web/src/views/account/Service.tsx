import { Anchor, Group, Text } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { API_URL } from "@/location";

/** Version of the service, and where programs find its description. */
export function Service() {
  const { t } = useTranslation("account");
  const config = $api.useQuery("get", "/config", {}, { staleTime: Number.POSITIVE_INFINITY });
  return (
    <Group gap="md">
      {config.data && (
        <Text size="sm" c="dimmed">
          {t("service.version", { version: config.data.version })}
        </Text>
      )}
      <External to={`${API_URL}/docs`} label={t("service.docs")} />
      <External to={`${API_URL}/openapi.json`} label={t("service.contract")} />
    </Group>
  );
}

function External({ to, label }: { to: string; label: string }) {
  const { t } = useTranslation("account");
  return (
    <Anchor href={to} target="_blank" rel="noopener" size="sm" aria-label={t("service.opens", { label })}>
      <Group component="span" gap={4}>
        {label}
        <IconExternalLink size={14} aria-hidden />
      </Group>
    </Anchor>
  );
}

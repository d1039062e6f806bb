import { ActionIcon, Anchor, Badge, Menu, Table, Text, VisuallyHidden } from "@mantine/core";
import { IconDots, IconFlask, IconReportAnalytics, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useMay } from "@/session/hooks";

export function ModelTable({
  models,
  onErase,
}: {
  models: Schemas["ModelSummary"][];
  onErase: (name: string) => void;
}) {
  const { t } = useTranslation(["models", "common"]);
  return (
    <Table verticalSpacing="sm" highlightOnHover aria-label={t("common:shell.models")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("list.name")}</Table.Th>
          <Table.Th visibleFrom="sm">{t("list.task")}</Table.Th>
          <Table.Th visibleFrom="sm">{t("list.target")}</Table.Th>
          <Table.Th>{t("list.production")}</Table.Th>
          <Table.Th visibleFrom="sm">{t("list.newest")}</Table.Th>
          <Table.Th visibleFrom="md">{t("list.created")}</Table.Th>
          <Table.Th w={50}>
            <VisuallyHidden>{t("list.actions")}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {models.map((model) => (
          <ModelRow key={model.name} model={model} onErase={onErase} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function ModelRow({ model, onErase }: { model: Schemas["ModelSummary"]; onErase: (name: string) => void }) {
  const { t } = useTranslation(["models", "common"]);
  const format = useFormat();
  const mayErase = useMay("admin");
  const base = `/models/${encodeURIComponent(model.name)}`;
  const task = t(`common:task.${model.task as "classification" | "regression"}`);
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <Anchor component={Link} to={base} fw={600}>
          {model.name}
        </Anchor>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {t("list.short", { task, target: model.target })}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{task}</Table.Td>
      <Table.Td visibleFrom="sm" style={{ overflowWrap: "anywhere" }}>
        {model.target}
      </Table.Td>
      <Table.Td>
        {model.production_version === null ? (
          <Badge variant="light" color="orange" tt="none">
            {t("list.noProduction")}
          </Badge>
        ) : (
          <Badge variant="light" color="green" tt="none">
            {t("common:version", { number: model.production_version })}
          </Badge>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{t("common:version", { number: model.latest_version })}</Table.Td>
      <Table.Td visibleFrom="md">
        <time dateTime={model.created_at} title={format.dateTime(model.created_at)}>
          {format.ago(model.created_at)}
        </time>
      </Table.Td>
      <Table.Td>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t("list.actionsOf", { name: model.name })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              component={Link}
              to={`${base}/versions/${model.production_version ?? model.latest_version}`}
              leftSection={<IconReportAnalytics size={16} />}
            >
              {t("tabs.judge")}
            </Menu.Item>
            <Menu.Item component={Link} to={`${base}/try`} leftSection={<IconFlask size={16} />}>
              {t("tabs.try")}
            </Menu.Item>
            {mayErase && (
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={() => onErase(model.name)}
              >
                {t("erase.action")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}

import { ActionIcon, Button, Group, Menu, Tooltip } from "@mantine/core";
import {
  IconArchive,
  IconArrowUp,
  IconColumns2,
  IconDots,
  IconFlask,
  IconReportAnalytics,
  IconRestore,
  IconRocket,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { useMay } from "@/session/hooks";

export type Asked = "promote" | "archived" | "staging";

/** What may be done with a version, by the role and by the stage it is in. */
export function VersionActions({
  model,
  version,
  onAsk,
}: {
  model: Schemas["ModelView"];
  version: Schemas["VersionSummary"];
  onAsk: (what: Asked) => void;
}) {
  const { t } = useTranslation(["run", "common"]);
  const mayChange = useMay("admin");
  const number = version.version;
  const base = `/models/${encodeURIComponent(model.name)}`;
  const other = model.production_version !== number ? model.production_version : null;
  const compared = other ?? model.versions.find((candidate) => candidate.version !== number)?.version;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {version.stage !== "production" && (
        <Tooltip label={t("onlyAdmin")} disabled={mayChange} multiline maw={280}>
          <Button
            size="xs"
            variant="light"
            visibleFrom="sm"
            leftSection={<IconRocket size={14} />}
            aria-label={t("actions.promoteOf", { number })}
            {...(mayChange
              ? {}
              : { "data-disabled": true, "aria-disabled": true, "aria-description": t("onlyAdmin") })}
            onClick={() => mayChange && onAsk("promote")}
          >
            {t("actions.promote")}
          </Button>
        </Tooltip>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("actions.more", { number })}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            to={`${base}/versions/${number}`}
            leftSection={<IconReportAnalytics size={16} />}
          >
            {t("actions.judge")}
          </Menu.Item>
          {version.stage !== "archived" && (
            <Menu.Item
              component={Link}
              to={`${base}/try?version=${number}`}
              leftSection={<IconFlask size={16} />}
            >
              {t("actions.try")}
            </Menu.Item>
          )}
          {compared !== undefined && (
            <Menu.Item
              component={Link}
              to={`${base}/compare?versions=${compared},${number}`}
              leftSection={<IconColumns2 size={16} />}
            >
              {t("actions.compare", { number: compared })}
            </Menu.Item>
          )}
          {mayChange && version.stage !== "production" && (
            <>
              <Menu.Divider />
              <Menu.Item
                hiddenFrom="sm"
                leftSection={<IconArrowUp size={16} />}
                onClick={() => onAsk("promote")}
              >
                {t("actions.promote")}
              </Menu.Item>
              {version.stage === "archived" ? (
                <Menu.Item leftSection={<IconRestore size={16} />} onClick={() => onAsk("staging")}>
                  {t("actions.restore")}
                </Menu.Item>
              ) : (
                <Menu.Item leftSection={<IconArchive size={16} />} onClick={() => onAsk("archived")}>
                  {t("actions.archive")}
                </Menu.Item>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

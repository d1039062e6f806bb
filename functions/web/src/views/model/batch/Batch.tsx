import { SimpleGrid, Stack } from "@mantine/core";
import { IconFlaskOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { EmptyState } from "@/ui/EmptyState";
import { useTitle } from "@/ui/useTitle";
import { chosenVersion, VersionChoice } from "@/ui/VersionChoice";
import { FileCard } from "@/views/model/batch/FileCard";
import { JobList } from "@/views/model/batch/JobList";
import { OrderCard } from "@/views/model/batch/OrderCard";
import { useModel } from "@/views/model/Model";

/** Score files of any length: hand one in, see how far each is, fetch what came out. */
export function Batch() {
  const { t } = useTranslation("batch");
  const model = useModel();
  const [search] = useSearchParams();
  const chosen = chosenVersion(model, search);
  useTitle(t("title", { name: model.name }));
  return (
    <Stack gap="lg">
      <VersionChoice model={model} />
      {chosen === null ? (
        <EmptyState
          icon={<IconFlaskOff size={28} />}
          title={t("noVersion.title")}
          text={t("noVersion.text")}
        />
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
          <OrderCard model={model.name} chosen={chosen} />
          <FileCard model={model.name} version={chosen.version} />
        </SimpleGrid>
      )}
      <JobList model={model.name} />
    </Stack>
  );
}

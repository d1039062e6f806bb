import { Button, Group, Skeleton, Stack, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconSearch, IconSparkles, IconTable } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useMay } from "@/session/hooks";
import { EmptyState } from "@/ui/EmptyState";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { DatasetCards } from "@/views/datasets/DatasetCards";
import { DatasetTable } from "@/views/datasets/DatasetTable";
import { named } from "@/views/datasets/filter";
import { uploads } from "@/views/datasets/queue";
import { SAMPLE_ROWS, sampleFile } from "@/views/datasets/sample";
import { UploadList } from "@/views/datasets/UploadList";
import { UploadZone } from "@/views/datasets/UploadZone";
import { useAnnouncement } from "@/views/datasets/useAnnouncement";
import { type DatasetView, useDatasets } from "@/views/datasets/useDatasets";
import { useUploads } from "@/views/datasets/useUploads";

const EraseDialog = lazy(async () => {
  await import("@/styles/rest");
  return { default: (await import("@/views/datasets/EraseDialog")).EraseDialog };
});

/** All datasets, and the way to bring in more of them. */
export function Datasets() {
  const { t } = useTranslation(["datasets", "common"]);
  const mayEdit = useMay("editor");
  const [erased, setErased] = useState<DatasetView | null>(null);
  const list = useDatasets();
  const announcement = useAnnouncement(list.datasets);
  return (
    <>
      <PageTitle title={t("common:shell.datasets")} subtitle={t("subtitle")} />
      <Stack>
        {mayEdit && <UploadZone />}
        {mayEdit && <UploadList />}
        {list.isPending && <Loading />}
        {list.isError && <ProblemAlert error={list.error} onRetry={() => list.refetch()} />}
        {list.data && <DatasetList list={list} mayEdit={mayEdit} onErase={setErased} />}
        <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      </Stack>
      <Suspense>{erased && <EraseDialog dataset={erased} onClose={() => setErased(null)} />}</Suspense>
    </>
  );
}

function DatasetList({
  list,
  mayEdit,
  onErase,
}: {
  list: ReturnType<typeof useDatasets>;
  mayEdit: boolean;
  onErase: (dataset: DatasetView) => void;
}) {
  const { t } = useTranslation(["datasets", "common"]);
  const [search, setSearch] = useSearchParams();
  const isNarrow = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const entries = useUploads();
  const text = search.get("name") ?? "";
  const { datasets, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const shown = named(datasets, text);

  // A name may stand on any page, so that all of them are needed to look for it.
  useEffect(() => {
    if (text !== "" && hasNextPage && !isFetchingNextPage) {
      void fetchNextPage();
    }
  }, [text, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (datasets.length === 0) {
    return <Nothing mayEdit={mayEdit} isUploading={entries.some((entry) => entry.status !== "failed")} />;
  }
  const View = isNarrow ? DatasetCards : DatasetTable;
  return (
    <>
      <TextInput
        type="search"
        label={t("filter.label")}
        placeholder={t("filter.placeholder")}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          const value = event.currentTarget.value;
          setSearch(value === "" ? {} : { name: value }, { replace: true });
        }}
        maw={360}
      />
      {shown.length > 0 && <View datasets={shown} onErase={mayEdit ? onErase : null} />}
      <Text size="sm" c="dimmed" role="status">
        {text !== "" && !hasNextPage && t("filter.found", { count: shown.length })}
      </Text>
      {text === "" && hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t("common:loadMore")}
          </Button>
        </Group>
      )}
    </>
  );
}

function Nothing({ mayEdit, isUploading }: { mayEdit: boolean; isUploading: boolean }) {
  const { t } = useTranslation("datasets");
  return (
    <EmptyState
      icon={<IconTable size={28} />}
      title={t("empty.title")}
      text={mayEdit ? t("empty.text", { count: SAMPLE_ROWS }) : t("empty.viewer")}
    >
      {mayEdit && (
        <Button
          variant="light"
          leftSection={<IconSparkles size={18} />}
          loading={isUploading}
          onClick={() => uploads.add([sampleFile()])}
        >
          {t("empty.sample")}
        </Button>
      )}
    </EmptyState>
  );
}

function Loading() {
  const { t } = useTranslation("common");
  return (
    <Stack role="status" gap="xs">
      <VisuallyHidden>{t("waiting")}</VisuallyHidden>
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} height={44} />
      ))}
    </Stack>
  );
}

import { Button, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconChartHistogram, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { itemsOf, PAGES } from "@/api/pages";
import { EmptyState } from "@/ui/EmptyState";
import { EraseModel } from "@/ui/EraseModel";
import { LoadMore } from "@/ui/LoadMore";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Erased } from "./Erased";
import { ModelTable } from "./ModelTable";
import { matching } from "./search";

const LIVE_MS = 10_000;
const PAGE_SIZE = 50;

/** All models: what each predicts, and which version of it is in production. */
export function Models() {
  const { t } = useTranslation(["models", "common"]);
  const [address, setAddress] = useSearchParams();
  const search = address.get("search") ?? "";
  const erased = address.get("erased");
  const [typed, setTyped] = useState(search);
  const [toErase, setToErase] = useState<string | null>(null);
  const enter = (name: string, value: string | null) =>
    setAddress(
      (before) => {
        before.delete(name);
        if (value) {
          before.set(name, value);
        }
        return before;
      },
      { replace: true },
    );
  const look = useDebouncedCallback((text: string) => enter("search", text), 200);
  const models = $api.useInfiniteQuery(
    "get",
    "/models",
    { params: { query: { limit: PAGE_SIZE } } },
    { ...PAGES, refetchInterval: LIVE_MS },
  );
  const { hasNextPage, isFetching, fetchNextPage } = models;

  useEffect(() => {
    // A search is about all models, so that all pages must be there.
    if (search && hasNextPage && !isFetching) {
      void fetchNextPage();
    }
  }, [search, hasNextPage, isFetching, fetchNextPage]);

  const all = itemsOf(models.data, (model) => model.name);
  const found = matching(all, search);
  const isSearching = search !== "" && hasNextPage;
  return (
    <>
      <PageTitle title={t("common:shell.models")} subtitle={t("list.subtitle")} />
      <Stack gap="md">
        {erased && <Erased id={erased} onClose={() => enter("erased", null)} />}
        {models.isError && <ProblemAlert error={models.error} onRetry={() => models.refetch()} />}
        {models.isPending && <Skeleton height={180} aria-hidden />}
        {models.isSuccess && all.length === 0 && (
          <EmptyState
            icon={<IconChartHistogram size={28} />}
            title={t("list.empty.title")}
            text={t("list.empty.text")}
          >
            <Button component={Link} to="/datasets">
              {t("list.empty.action")}
            </Button>
          </EmptyState>
        )}
        {all.length > 0 && (
          <>
            <TextInput
              type="search"
              label={t("list.search")}
              placeholder={t("list.searchHint")}
              leftSection={<IconSearch size={16} />}
              maw={360}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                look(event.currentTarget.value);
              }}
            />
            {search && (
              <Text size="sm" c="dimmed" role="status">
                {isSearching ? t("common:waiting") : t("list.found", { count: found.length })}
              </Text>
            )}
            {found.length > 0 && <ModelTable models={found} onErase={setToErase} />}
            {!search && <LoadMore query={models} />}
          </>
        )}
      </Stack>
      <EraseModel name={toErase ?? ""} opened={toErase !== null} onClose={() => setToErase(null)} />
    </>
  );
}

import { Button, Group, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { EmptyState } from "@/ui/EmptyState";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Waiting } from "@/ui/Waiting";
import { TrainingCards, TrainingTable } from "@/views/trainings/TrainingList";

const PAGE = 20;

/** All trainings of the user, newest first. */
export function Trainings() {
  const { t } = useTranslation(["trainings", "common"]);
  const isNarrow = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const pages = $api.useInfiniteQuery(
    "get",
    "/jobs",
    { params: { query: { limit: PAGE } } },
    {
      pageParamName: "after",
      // The client asks for page 0 where this is undefined; what is null it leaves out.
      initialPageParam: null,
      getNextPageParam: (page: { next: string | null }) => page.next ?? undefined,
      refetchInterval: (query) =>
        pollWhile(query.state.data?.pages.flatMap(({ items }) => items.map(({ status }) => status)) ?? []),
    },
  );
  const jobs = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  const List = isNarrow ? TrainingCards : TrainingTable;
  return (
    <Stack gap={0}>
      <PageTitle title={t("title")} subtitle={t("subtitle")} />
      {pages.isPending && <Waiting />}
      {pages.isError && <ProblemAlert error={pages.error} onRetry={() => pages.refetch()} />}
      {pages.isSuccess && jobs.length === 0 && (
        <EmptyState icon={<IconPlayerPlay size={28} />} title={t("empty.title")} text={t("empty.text")}>
          <Button component={Link} to="/datasets">
            {t("empty.go")}
          </Button>
        </EmptyState>
      )}
      {jobs.length > 0 && (
        <Stack>
          <List jobs={jobs} />
          <Group>
            {pages.hasNextPage && (
              <Button
                variant="default"
                loading={pages.isFetchingNextPage}
                onClick={() => pages.fetchNextPage()}
              >
                {t("common:loadMore")}
              </Button>
            )}
            <Text size="sm" c="dimmed">
              {t("list.shown", { count: jobs.length })}
            </Text>
          </Group>
        </Stack>
      )}
    </Stack>
  );
}

import {
  Badge,
  Button,
  Collapse,
  Group,
  List,
  Paper,
  Skeleton,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import type { Step } from "@/recipes/draft";
import { sentenceOf } from "@/recipes/sentence";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { StatusBadge } from "@/ui/StatusBadge";
import { useProblemText } from "@/ui/useProblemText";
import { useWords } from "@/views/dataset/clean/useWords";

const PAGE = 5;

/** The recipes that were tried, newest first: each can be looked at, opened again and trained with. */
export function Versions({
  datasetId,
  current,
  onOpen,
}: {
  datasetId: string;
  current: number | null;
  onOpen: (recipe: Schemas["RecipeView"]) => void;
}) {
  const { t } = useTranslation(["clean", "common"]);
  const list = $api.useInfiniteQuery(
    "get",
    "/datasets/{dataset_id}/recipes",
    { params: { path: { dataset_id: datasetId }, query: { limit: PAGE } } },
    {
      pageParamName: "after",
      // The client would make 0 of undefined.
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      refetchInterval: (query) =>
        pollWhile(query.state.data?.pages.flatMap(({ items }) => items.map(({ status }) => status)) ?? []),
    },
  );
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (list.isSuccess && items.length === 0) {
    return null;
  }
  return (
    <Stack component="section" gap="sm" aria-label={t("versions.title")}>
      <Title order={2} size="h4">
        {t("versions.title")}
      </Title>
      {list.isPending && <Skeleton h={120} />}
      {list.isError && <ProblemAlert error={list.error} onRetry={() => list.refetch()} />}
      <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {items.map((item) => (
          <Version
            key={item.version}
            datasetId={datasetId}
            item={item}
            isCurrent={item.version === current}
            onOpen={onOpen}
          />
        ))}
      </Stack>
      {list.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          w="fit-content"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("common:loadMore")}
        </Button>
      )}
    </Stack>
  );
}

function Version({
  datasetId,
  item,
  isCurrent,
  onOpen,
}: {
  datasetId: string;
  item: Schemas["RecipeSummary"];
  isCurrent: boolean;
  onOpen: (recipe: Schemas["RecipeView"]) => void;
}) {
  const { t } = useTranslation(["clean", "common"]);
  const format = useFormat();
  const words = useWords();
  const [opened, { toggle }] = useDisclosure(false);
  const details = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/recipe",
    { params: { path: { dataset_id: datasetId }, query: { version: item.version } } },
    { enabled: opened },
  );
  const { effect, error } = item;
  return (
    <Paper component="li" withBorder px="sm" py="xs">
      <Group justify="space-between">
        <UnstyledButton onClick={toggle} aria-expanded={opened} flex={1} miw={220}>
          <Group gap="xs">
            {opened ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
            <Text fw={600} size="sm">
              {t("common:version", { number: item.version })}
            </Text>
            <StatusBadge status={item.status} />
            {isCurrent && (
              <Badge variant="outline" tt="none">
                {t("versions.current")}
              </Badge>
            )}
            <Text size="xs" c="dimmed" title={format.dateTime(item.created_at)}>
              {format.ago(item.created_at)}
            </Text>
          </Group>
          <Text size="xs" c="dimmed" pl={24}>
            {t("versions.steps", { count: item.sentences.length })}
            {effect &&
              ` · ${t("versions.effect", {
                rowsBefore: format.integer(effect.rows_before),
                rowsAfter: format.integer(effect.rows_after),
                missingBefore: format.integer(effect.missing_before),
                missingAfter: format.integer(effect.missing_after),
              })}`}
            {item.target && ` · ${t("versions.target", { target: item.target })}`}
          </Text>
        </UnstyledButton>
        <Group gap="xs">
          <OpenButton datasetId={datasetId} version={item.version} isCurrent={isCurrent} onOpen={onOpen} />
          {item.status === "READY" && (
            <Button
              size="xs"
              variant="light"
              component={Link}
              to={`/datasets/${datasetId}/train?recipe=${item.version}`}
              aria-label={t("versions.trainNumber", { number: item.version })}
            >
              {t("versions.train")}
            </Button>
          )}
        </Group>
      </Group>
      <Collapse in={opened}>
        {opened && (
          <Stack gap="xs" pt="xs" pl={24}>
            {error && (
              <Text size="sm" c="red" lang="en" style={{ overflowWrap: "anywhere" }}>
                {error.message}
              </Text>
            )}
            {details.isPending && <Skeleton h={40} />}
            {details.isError && <ProblemAlert error={details.error} onRetry={() => details.refetch()} />}
            {details.data && details.data.steps.length === 0 && (
              <Text size="sm" c="dimmed">
                {t("versions.noSteps")}
              </Text>
            )}
            <List type="ordered" size="sm">
              {details.data?.steps.map((step, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a version never change
                <List.Item key={index} style={{ overflowWrap: "anywhere" }}>
                  {sentenceOf(step as Step, words)}
                </List.Item>
              ))}
            </List>
          </Stack>
        )}
      </Collapse>
    </Paper>
  );
}

function OpenButton({
  datasetId,
  version,
  isCurrent,
  onOpen,
}: {
  datasetId: string;
  version: number;
  isCurrent: boolean;
  onOpen: (recipe: Schemas["RecipeView"]) => void;
}) {
  const { t } = useTranslation(["clean", "common"]);
  const queries = useQueryClient();
  const textOf = useProblemText();
  const open = useMutation({
    mutationFn: () =>
      queries.fetchQuery(
        $api.queryOptions("get", "/datasets/{dataset_id}/recipe", {
          params: { path: { dataset_id: datasetId }, query: { version } },
        }),
      ),
    onSuccess: onOpen,
    onError: (error) =>
      notifications.show({ color: "red", title: t("common:problem.title"), message: textOf(error) }),
  });
  return (
    <Button
      size="xs"
      variant="default"
      disabled={isCurrent}
      loading={open.isPending}
      onClick={() => open.mutate()}
      aria-label={t("versions.openNumber", { number: version })}
    >
      {t("versions.open")}
    </Button>
  );
}

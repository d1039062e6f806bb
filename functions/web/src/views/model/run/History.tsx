import {
  Alert,
  Anchor,
  Button,
  Group,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Timeline,
  Title,
} from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { itemsOf, PAGES } from "@/api/pages";
import { useFormat } from "@/i18n/format";
import { LoadMore } from "@/ui/LoadMore";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ActorName } from "./Actor";
import { HistoryItem } from "./HistoryItem";
import { fromLocalField, toLocalField } from "./run";

const LIVE_MS = 15_000;

/** What was done to a model's stages, newest first; or what it was like at a moment (`?at=`). */
export function History({ name }: { name: string }) {
  const { t } = useTranslation("run");
  const [address, setAddress] = useSearchParams();
  const at = address.get("at");
  const look = (moment: string | null) =>
    setAddress(
      (before) => {
        before.delete("at");
        if (moment) {
          before.set("at", moment);
        }
        return before;
      },
      { preventScrollReset: true },
    );
  const history = $api.useInfiniteQuery(
    "get",
    "/models/{name}/history",
    { params: { path: { name }, query: at ? { at } : {} } },
    { ...PAGES, refetchInterval: at ? false : LIVE_MS },
  );
  const first = history.data?.pages[0];
  const items = itemsOf(history.data, (item) => item.revision);
  return (
    <Stack component="section" gap="md">
      <Title order={2} size="h4">
        {t("history.title")}
      </Title>
      <AsOf at={at} onLook={look} />
      {history.isError && <ProblemAlert error={history.error} onRetry={() => history.refetch()} />}
      {history.isPending && <Skeleton height={140} aria-hidden />}
      {at && first && <ThatTime history={first} onNow={() => look(null)} />}
      {items.length > 0 && (
        <Timeline bulletSize={26} lineWidth={2} aria-label={t("history.title")}>
          {items.map((item) => (
            <HistoryItem key={item.revision} item={item} />
          ))}
        </Timeline>
      )}
      <LoadMore query={history} />
    </Stack>
  );
}

function AsOf({ at, onLook }: { at: string | null; onLook: (moment: string | null) => void }) {
  const { t } = useTranslation("run");
  const [typed, setTyped] = useState("");
  useEffect(() => setTyped(at ? toLocalField(at) : ""), [at]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onLook(fromLocalField(typed));
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput
          type="datetime-local"
          label={t("history.asOf")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          required
          withAsterisk={false}
        />
        <Button type="submit" variant="default">
          {t("history.show")}
        </Button>
      </Group>
    </form>
  );
}

/** What was in production at the moment that was asked for. */
function ThatTime({ history, onNow }: { history: Schemas["ModelHistory"]; onNow: () => void }) {
  const { t } = useTranslation("run");
  const format = useFormat();
  const change = history.put_there_by;
  const number = history.production_version;
  const at = format.dateTime(history.at);
  return (
    <Alert icon={<IconHistory />} role="status" title={t("history.at", { at })}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {number === null || change === null ? (
            t("history.nothingThen")
          ) : (
            <Trans
              t={t}
              i18nKey="history.then"
              values={{ number, since: format.dateTime(change.at) }}
              components={{ actor: <ActorName actor={change.actor} /> }}
            />
          )}
        </Text>
        <Anchor component="button" size="sm" onClick={onNow}>
          {t("history.now")}
        </Anchor>
      </Stack>
    </Alert>
  );
}

import { Group, SegmentedControl, Stack } from "@mantine/core";
import { IconFlaskOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { EmptyState } from "@/ui/EmptyState";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useTitle } from "@/ui/useTitle";
import { type Chosen, chosenVersion, VersionChoice } from "@/ui/VersionChoice";
import { Waiting } from "@/ui/Waiting";
import { useModel } from "@/views/model/Model";
import { ManyRows } from "@/views/model/try/ManyRows";
import { OneRow } from "@/views/model/try/OneRow";

/** Ask a version of a model about a row of a form, or about rows that are pasted. */
export function Try() {
  const { t } = useTranslation("try");
  const model = useModel();
  const [search, setSearch] = useSearchParams();
  const chosen = chosenVersion(model, search);
  const input = search.get("input") === "rows" ? "rows" : "form";
  useTitle(t("title", { name: model.name }));
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <VersionChoice model={model} />
        <SegmentedControl
          aria-label={t("input.label")}
          value={input}
          data={[
            { value: "form", label: t("input.form") },
            { value: "rows", label: t("input.rows") },
          ]}
          onChange={(next) =>
            setSearch(
              (before) => {
                const after = new URLSearchParams(before);
                if (next === "rows") after.set("input", next);
                else after.delete("input");
                return after;
              },
              { replace: true },
            )
          }
        />
      </Group>
      {chosen === null ? (
        <EmptyState
          icon={<IconFlaskOff size={28} />}
          title={t("noVersion.title")}
          text={t("noVersion.text")}
        />
      ) : (
        <WithSchema key={chosen.version} chosen={chosen} input={input} />
      )}
    </Stack>
  );
}

function WithSchema({ chosen, input }: { chosen: NonNullable<Chosen>; input: "form" | "rows" }) {
  const { name, target } = useModel();
  const schema = $api.useQuery(
    "get",
    "/models/{name}/schema",
    { params: { path: { name }, query: { version: chosen.version } } },
    // What a version asks for never changes.
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (schema.isPending) return <Waiting />;
  if (schema.isError) return <ProblemAlert error={schema.error} onRetry={() => schema.refetch()} />;
  const View = input === "rows" ? ManyRows : OneRow;
  return <View model={name} target={target} chosen={chosen} schema={schema.data} />;
}

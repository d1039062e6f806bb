import { Button, Collapse, Group } from "@mantine/core";
import { IconDownload, IconFileText } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { saveFile } from "@/ui/saveFile";
import { Waiting } from "@/ui/Waiting";
import { Section } from "../report/Section";

const CardMarkdown = lazy(async () => ({ default: (await import("./CardMarkdown")).CardMarkdown }));

/** The model card: shown when asked for, and as a file. */
export function CardSection({ name, version }: { name: string; version: string }) {
  const { t } = useTranslation("judge");
  const [params, setParams] = useSearchParams();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const id = useId();
  const isOpen = params.get("card") === "open";
  const request = $api.queryOptions(
    "get",
    "/models/{name}/versions/{version}/card",
    { params: { path: { name, version } }, parseAs: "text" },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const card = $api.useQuery(
    "get",
    "/models/{name}/versions/{version}/card",
    { params: { path: { name, version } }, parseAs: "text" },
    { staleTime: Number.POSITIVE_INFINITY, enabled: isOpen },
  );
  const download = async () => {
    setError(null);
    try {
      const text = await queries.ensureQueryData(request);
      saveFile(new Blob([text], { type: "text/markdown" }), `${name}-${version}.md`);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Section id="card" title={t("sections.card")} intro={t("card.intro")}>
      <Group>
        <Button
          variant="default"
          leftSection={<IconFileText size={16} />}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() =>
            setParams(
              (before) => {
                if (isOpen) before.delete("card");
                else before.set("card", "open");
                return before;
              },
              { replace: true, preventScrollReset: true },
            )
          }
        >
          {t(isOpen ? "card.hide" : "card.show")}
        </Button>
        <Button variant="default" leftSection={<IconDownload size={16} />} onClick={download}>
          {t("card.download")}
        </Button>
      </Group>
      {error !== null && <ProblemAlert error={error} />}
      <Collapse in={isOpen} id={id}>
        {isOpen && card.isError && <ProblemAlert error={card.error} onRetry={() => card.refetch()} />}
        {isOpen && card.isPending && <Waiting />}
        {isOpen && card.data !== undefined && (
          <Suspense fallback={<Waiting />}>
            <CardMarkdown text={card.data} />
          </Suspense>
        )}
      </Collapse>
    </Section>
  );
}

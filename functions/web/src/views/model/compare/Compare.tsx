import { Alert, Stack } from "@mantine/core";
import { IconAlertTriangle, IconColumns2, IconInfoCircle } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { EmptyState } from "@/ui/EmptyState";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useTitle } from "@/ui/useTitle";
import { Waiting } from "@/ui/Waiting";
import { useModel } from "@/views/model/Model";
import { readReport } from "../report/report";
import { styles } from "../report/styles";
import { CompareCurves } from "./CompareCurves";
import { CompareImportance } from "./CompareImportance";
import { CompareMetrics } from "./CompareMetrics";
import { type Compared, compareHoldouts, FEWEST, firstVersions, readVersions } from "./compare";
import { Differences } from "./Differences";
import { VersionPicker } from "./VersionPicker";

/** Versions of a model side by side. */
export function Compare() {
  const { t } = useTranslation("judge");
  const model = useModel();
  const [params, setParams] = useSearchParams();
  useTitle(`${model.name} · ${t("compare.title")}`);
  const known = model.versions.map(({ version }) => version);
  const chosen = params.has("versions")
    ? readVersions(params.get("versions"), known)
    : firstVersions(known, model.production_version);
  const choose = (versions: readonly number[]) =>
    setParams(
      (before) => {
        before.set("versions", versions.join(","));
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  if (known.length < FEWEST) {
    return (
      <EmptyState
        icon={<IconColumns2 size={28} />}
        title={t("compare.oneTitle")}
        text={t("compare.oneText")}
      />
    );
  }
  return (
    <Stack gap="lg">
      <VersionPicker versions={model.versions} chosen={chosen} onChoose={choose} />
      {chosen.length < FEWEST ? (
        <Alert classNames={{ title: styles.title }} icon={<IconInfoCircle />} role="status">
          {t("compare.chooseMore")}
        </Alert>
      ) : (
        <SideBySide key={chosen.join(",")} name={model.name} versions={chosen} />
      )}
    </Stack>
  );
}

function SideBySide({ name, versions }: { name: string; versions: readonly number[] }) {
  const { t } = useTranslation("judge");
  const answers = useQueries({
    queries: versions.map((version) =>
      $api.queryOptions(
        "get",
        "/models/{name}/versions/{version}/report",
        { params: { path: { name, version: String(version) } } },
        { staleTime: Number.POSITIVE_INFINITY },
      ),
    ),
  });
  const failed = answers.find((answer) => answer.isError);
  if (failed) {
    return <ProblemAlert error={failed.error} onRetry={() => failed.refetch()} />;
  }
  const compared = answers.flatMap((answer, place): Compared[] =>
    answer.data ? [{ version: versions[place] ?? 0, report: readReport(answer.data) }] : [],
  );
  if (compared.length < versions.length) {
    return <Waiting />;
  }
  const reports = compared.map(({ report }) => report);
  const holdouts = compareHoldouts(reports);
  const isOneTask = new Set(reports.map(({ task }) => task)).size === 1;
  return (
    <Stack gap="lg">
      <Alert
        classNames={{ title: styles.title }}
        color={holdouts === "same" ? "teal" : "orange"}
        icon={holdouts === "same" ? <IconInfoCircle /> : <IconAlertTriangle />}
        title={t(`compare.holdout.${holdouts}.title`)}
      >
        {t(`compare.holdout.${holdouts}.text`)}
      </Alert>
      <CompareMetrics compared={compared} isComparable={holdouts === "same"} />
      <Differences compared={compared} />
      {isOneTask && <CompareCurves compared={compared} />}
      <CompareImportance compared={compared} />
    </Stack>
  );
}

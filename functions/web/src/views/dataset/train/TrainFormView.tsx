import { Alert, Skeleton, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { $api } from "@/api/client";
import { useMay } from "@/session/hooks";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useDataset } from "@/views/dataset/Dataset";
import { AdvancedSection } from "@/views/dataset/train/AdvancedSection";
import { BudgetSection } from "@/views/dataset/train/BudgetSection";
import { DataSection } from "@/views/dataset/train/DataSection";
import {
  type Draft,
  EMPTY,
  faultsByField,
  forgetDraft,
  isModelName,
  modelNameOf,
  requestOf,
  writeDraft,
} from "@/views/dataset/train/draft";
import { NameSection } from "@/views/dataset/train/NameSection";
import { Summary } from "@/views/dataset/train/Summary";
import classes from "@/views/dataset/train/Summary.module.css";
import { suggestTarget } from "@/views/dataset/train/suggestTarget";
import { TargetSection } from "@/views/dataset/train/TargetSection";
import { TaskSection } from "@/views/dataset/train/TaskSection";
import { type Column, taskOf } from "@/views/dataset/train/task";

/** The form that orders a training; it is kept in the session as it is filled in. */
export function TrainFormView({ draft, isRepeated }: { draft: Draft; isRepeated: boolean }) {
  const { t } = useTranslation("train");
  const dataset = useDataset();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayTrain = useMay("editor");
  const element = useRef<HTMLFormElement>(null);
  const form = useForm<Draft>({
    initialValues: draft,
    onValuesChange: (values) => writeDraft(dataset.id, values),
    validate: {
      target: (value) => (value === "" ? t("target.missing") : null),
      model: (value) => (value === "" || isModelName(value) ? null : t("name.invalid")),
    },
  });
  // What the address or an earlier training chose must survive a reload, too.
  useEffect(() => writeDraft(dataset.id, draft), [dataset.id, draft]);
  const { recipe, target } = form.values;
  const path = { dataset_id: dataset.id };
  const recipes = $api.useQuery("get", "/datasets/{dataset_id}/recipes", {
    params: { path, query: { limit: 100 } },
  });
  const usable = recipes.data?.items.some(({ version, status }) => version === recipe && status === "READY");
  const cleaned = recipe !== null && usable ? recipe : null;
  const profile = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/profile",
    { params: { path, query: cleaned === null ? {} : { recipe: cleaned } } },
    { staleTime: Number.POSITIVE_INFINITY, enabled: !recipes.isPending, placeholderData: (before) => before },
  );
  const suggestion = useMemo(() => (profile.data ? suggestTarget(profile.data) : null), [profile.data]);
  const order = $api.useMutation("post", "/datasets/{dataset_id}/train");

  const best = suggestion?.clear ? suggestion.best[0]?.column.name : undefined;
  const { setFieldValue } = form;
  const isOpen = useRef(target === "");
  useEffect(() => {
    if (isOpen.current && best !== undefined) {
      isOpen.current = false;
      setFieldValue("target", best);
    }
  }, [best, setFieldValue]);

  if (profile.isPending) {
    return (
      <Stack role="status" aria-busy>
        <Skeleton height={320} />
        <Skeleton height={180} />
        <Skeleton height={180} />
      </Stack>
    );
  }
  if (profile.isError || !suggestion) {
    return <ProblemAlert error={profile.error} onRetry={() => profile.refetch()} />;
  }
  const { rows, warnings } = profile.data;
  const columns = profile.data.columns as Column[];
  const column = columns.find(({ name }) => name === target);
  const task = form.values.task === "auto" ? (column ? taskOf(column, rows).task : null) : form.values.task;
  const byFile = modelNameOf(dataset.file_name);

  const showFirstFault = () =>
    // What is marked is drawn first.
    setTimeout(() => {
      const marked = element.current?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]");
      marked?.scrollIntoView({ block: "center" });
      marked?.focus({ preventScroll: true });
    });
  const start = async (values: Draft) => {
    if (!mayTrain) {
      return;
    }
    try {
      const job = await order.mutateAsync({ params: { path }, body: requestOf(values) });
      forgetDraft(dataset.id);
      await queries.invalidateQueries({ queryKey: ["get", "/jobs"] });
      navigate(`/trainings/${job.id}`);
    } catch (error) {
      form.setErrors(faultsByField(error).fields);
      showFirstFault();
    }
  };
  const reset = () => {
    form.setValues({ ...EMPTY, target: best ?? "" });
    form.clearErrors();
    order.reset();
  };

  return (
    <form ref={element} noValidate onSubmit={form.onSubmit(start, showFirstFault)} aria-label={t("title")}>
      <div className={classes.layout}>
        <Stack miw={0}>
          {isRepeated && (
            <Alert color="blue" variant="light">
              {t("repeated")}
            </Alert>
          )}
          <TargetSection form={form} suggestion={suggestion} rows={rows} />
          <TaskSection form={form} column={column} task={task} rows={rows} />
          <BudgetSection form={form} />
          {recipes.isError && <ProblemAlert error={recipes.error} onRetry={() => recipes.refetch()} />}
          <DataSection
            form={form}
            datasetId={dataset.id}
            recipes={recipes.data?.items ?? []}
            columns={columns}
            warnings={warnings}
          />
          <NameSection form={form} byFile={byFile} />
          <AdvancedSection form={form} task={task} column={column} columns={columns} warnings={warnings} />
        </Stack>
        <Summary
          form={form}
          task={task}
          columns={columns.length}
          model={form.values.model || byFile}
          isOrdering={order.isPending}
          error={order.error}
          onReset={reset}
        />
      </div>
    </form>
  );
}

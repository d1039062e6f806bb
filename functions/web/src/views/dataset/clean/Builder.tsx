import { Grid, Paper, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { type StepColumn, statesOf, type TableState } from "@/recipes/columns";
import type { Draft, Step } from "@/recipes/draft";
import { faultsOf } from "@/recipes/faults";
import { commonSteps } from "@/recipes/identity";
import { sentenceOf } from "@/recipes/sentence";
import { useMay } from "@/session/hooks";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Waiting } from "@/ui/Waiting";
import { AddStep } from "@/views/dataset/clean/AddStep";
import { Beginning } from "@/views/dataset/clean/Beginning";
import { cardFaults } from "@/views/dataset/clean/cardFaults";
import { StepDialog } from "@/views/dataset/clean/editor/StepDialog";
import { type Kind, newStep } from "@/views/dataset/clean/kinds";
import { Preview } from "@/views/dataset/clean/preview/Preview";
import type { StepActions } from "@/views/dataset/clean/StepCard";
import { StepList } from "@/views/dataset/clean/StepList";
import { Toolbar } from "@/views/dataset/clean/Toolbar";
import { useLive } from "@/views/dataset/clean/useLive";
import { useRecipe } from "@/views/dataset/clean/useRecipe";
import { useTrial } from "@/views/dataset/clean/useTrial";
import { useWords } from "@/views/dataset/clean/useWords";
import { Versions } from "@/views/dataset/clean/Versions";
import type { DatasetView } from "@/views/dataset/Dataset";

type Editing = { index: number; step: Step; isNew: boolean };

/** After dialogs and menus have given back the focus. */
function later(act: () => void): void {
  setTimeout(act, 50);
}

/** The recipe that is being written, beside what it does. */
export function Builder({ dataset, profile }: { dataset: DatasetView; profile: Schemas["Profile"] }) {
  const { t } = useTranslation("clean");
  const words = useWords();
  const may = useMay("editor");
  const recipe = useRecipe(dataset.id, dataset.newest_recipe);
  const [live, setLive] = useLive();
  const [editing, setEditing] = useState<Editing | null>(null);
  const [said, say] = useState("");
  const adder = useRef<HTMLButtonElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { draft } = recipe;
  const { steps } = draft;
  const columns = useMemo(
    () => profile.columns.map(({ name, type }): StepColumn => ({ name, type, origin: name })),
    [profile],
  );
  const faults = useMemo(() => faultsOf(columns, draft), [columns, draft]);
  const states = useMemo(
    () => statesOf({ columns, target: draft.target }, steps),
    [columns, draft.target, steps],
  );
  const trial = useTrial(dataset.id, draft, {
    live,
    isValid: !recipe.isPending && faults.every((found) => found.length === 0),
    mayTry: may,
    base: recipe.base,
  });

  const change = (next: Draft, announcement: string) => {
    recipe.change(next);
    say(announcement);
  };
  const setSteps = (next: Step[], announcement: string) => change({ ...draft, steps: next }, announcement);
  const undo = () => {
    if (may && recipe.canUndo) {
      recipe.undo();
      say(t("said.undone"));
    }
  };
  const redo = () => {
    if (may && recipe.canRedo) {
      recipe.redo();
      say(t("said.redone"));
    }
  };
  useHotkeys(
    editing
      ? []
      : [
          ["mod+Z", undo],
          ["mod+shift+Z", redo],
          ["mod+Y", redo],
        ],
  );

  const save = (step: Step) => {
    if (editing) {
      const next = editing.isNew ? [...steps, step] : steps.with(editing.index, step);
      setSteps(next, t(editing.isNew ? "said.added" : "said.edited", { sentence: sentenceOf(step, words) }));
      close();
    }
  };
  const close = () => {
    setEditing(null);
    if (editing?.isNew) {
      // The entry of the menu that opened the form is gone by now.
      later(() => adder.current?.focus());
    }
  };
  const actionsOf = (index: number): StepActions => ({
    onEdit: () => setEditing({ index, step: steps[index] as Step, isNew: false }),
    onDuplicate: () =>
      setSteps(steps.toSpliced(index + 1, 0, structuredClone(steps[index] as Step)), t("said.duplicated")),
    onDelete: () => {
      setSteps(steps.toSpliced(index, 1), t("said.deleted", { number: index + 1 }));
      later(() => adder.current?.focus({ preventScroll: true }));
    },
    onMove: (by) => {
      const moved = steps.toSpliced(index, 1).toSpliced(index + by, 0, steps[index] as Step);
      setSteps(moved, t("said.moved", { number: index + 1, place: index + 1 + by }));
    },
  });
  const add = (kind: Kind) => setEditing({ index: steps.length, step: newStep(kind), isNew: true });
  const open = (version: Schemas["RecipeView"]) => {
    const next = { target: version.target, steps: version.steps as Step[] };
    trial.remember(next, version.version);
    change(next, t("said.opened", { number: version.version }));
    later(() => heading.current?.focus());
  };

  if (recipe.isPending) {
    return <Waiting />;
  }
  if (recipe.error) {
    return <ProblemAlert error={recipe.error} onRetry={() => recipe.retry()} />;
  }
  const known = trial.shown ? commonSteps(trial.shown.steps, steps) : 0;
  const effects = steps.map((_, index) =>
    index < known ? (trial.shown?.effect?.steps[index] ?? null) : null,
  );
  return (
    <Stack gap="lg">
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <Grid gutter="lg">
        <Grid.Col span={{ base: 12, md: 6, xl: 5 }}>
          <Paper component="section" withBorder p="md" aria-label={t("steps")}>
            <Stack>
              <Title order={2} size="h4" ref={heading} tabIndex={-1} style={{ outline: "none" }}>
                {t("steps")}
              </Title>
              {may ? (
                <Toolbar
                  live={live}
                  onLive={setLive}
                  onUndo={recipe.canUndo ? undo : null}
                  onRedo={recipe.canRedo ? redo : null}
                  target={draft.target}
                  columns={columns}
                  onTarget={(target) =>
                    change({ ...draft, target }, target ? t("said.target", { target }) : t("said.noTarget"))
                  }
                />
              ) : (
                <Text size="sm" c="dimmed">
                  {t("readOnly")}
                </Text>
              )}
              {steps.length === 0 && (
                <Beginning
                  datasetId={dataset.id}
                  warnings={profile.warnings.length}
                  add={may ? <AddStep ref={adder} count={0} onAdd={add} /> : null}
                />
              )}
              {steps.length > 0 && (
                <StepList
                  steps={steps}
                  faults={cardFaults(faults, trial, words)}
                  effects={effects}
                  actionsOf={may ? actionsOf : null}
                  onOrder={(next) => change({ ...draft, steps: next }, "")}
                />
              )}
              {may && steps.length > 0 && (
                <div>
                  <AddStep ref={adder} count={steps.length} onAdd={add} />
                </div>
              )}
            </Stack>
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6, xl: 7 }}>
          <Preview datasetId={dataset.id} trial={trial} profile={profile} columns={columns} mayTry={may} />
        </Grid.Col>
      </Grid>
      <Versions datasetId={dataset.id} current={trial.version} onOpen={open} />
      {editing && (
        <StepDialog
          step={editing.step}
          isNew={editing.isNew}
          state={states[editing.index] as TableState}
          profiles={profile.columns}
          onSave={save}
          onClose={close}
        />
      )}
    </Stack>
  );
}

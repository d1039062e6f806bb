import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  type UniqueIdentifier,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Step } from "@/recipes/draft";
import { type Named, nameSteps } from "@/recipes/identity";
import { type CardFaults, type StepActions, StepCard } from "@/views/dataset/clean/StepCard";

let named = 0;
const fresh = () => `step-${++named}`;

/** The steps in their order, which dragging changes: by hand, by touch, by keys. */
export function StepList({
  steps,
  faults,
  effects,
  actionsOf,
  onOrder,
}: {
  steps: Step[];
  faults: CardFaults[];
  effects: (Schemas["StepEffect"] | null)[];
  actionsOf: ((index: number) => StepActions) | null;
  onOrder: (steps: Step[]) => void;
}) {
  const { t } = useTranslation("clean");
  const ids = useNames(steps).map(({ id }) => id);
  const sensors = useSensors(
    // A finger that scrolls or clicks is not one that drags.
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const place = (id: UniqueIdentifier) => ids.indexOf(String(id)) + 1;
  const announcements: Announcements = {
    onDragStart: ({ active }) => t("drag.start", { number: place(active.id), count: ids.length }),
    onDragOver: ({ active, over }) =>
      over
        ? t("drag.over", { number: place(active.id), place: place(over.id), count: ids.length })
        : undefined,
    onDragEnd: ({ active, over }) =>
      over
        ? t("drag.end", { number: place(active.id), place: place(over.id), count: ids.length })
        : t("drag.cancel", { number: place(active.id) }),
    onDragCancel: ({ active }) => t("drag.cancel", { number: place(active.id) }),
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) {
      onOrder(arrayMove(steps, place(active.id) - 1, place(over.id) - 1));
    }
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={onDragEnd}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t("drag.instructions") } }}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        <Stack component="ol" gap="xs" m={0} p={0} aria-label={t("steps")} style={{ listStyle: "none" }}>
          {steps.map((step, index) => (
            <StepCard
              key={ids[index]}
              id={ids[index] as string}
              step={step}
              number={index + 1}
              count={steps.length}
              faults={faults[index] as CardFaults}
              effect={effects[index] ?? null}
              actions={actionsOf ? actionsOf(index) : null}
            />
          ))}
        </Stack>
      </SortableContext>
    </DndContext>
  );
}

/** Names of steps that go with them when their order changes. */
function useNames(steps: Step[]): Named[] {
  const [known, setKnown] = useState(() => ({ steps, named: nameSteps([], steps, fresh) }));
  if (known.steps === steps) {
    return known.named;
  }
  const named = nameSteps(known.named, steps, fresh);
  setKnown({ steps, named });
  return named;
}

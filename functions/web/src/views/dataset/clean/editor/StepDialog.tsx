import { Alert, Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { TableState } from "@/recipes/columns";
import type { Step } from "@/recipes/draft";
import { faultsOfStep } from "@/recipes/faults";
import { sentenceOf } from "@/recipes/sentence";
import { StepFields } from "@/views/dataset/clean/editor/StepFields";
import { faultText } from "@/views/dataset/clean/faultText";
import { useWords } from "@/views/dataset/clean/useWords";

/** The form of one step: what it finds decides what can be chosen. */
export function StepDialog({
  step: first,
  isNew,
  state,
  profiles,
  onSave,
  onClose,
}: {
  step: Step;
  isNew: boolean;
  state: TableState;
  profiles: readonly Schemas["ColumnProfile"][];
  onSave: (step: Step) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation(["clean", "common"]);
  const words = useWords();
  const isPhone = useMediaQuery("(max-width: 48em)");
  const [step, setStep] = useState(first);
  const [wasAsked, setAsked] = useState(false);
  const faults = faultsOfStep(step, state);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (faults.length > 0) {
      setAsked(true);
    } else {
      onSave(step);
    }
  };
  return (
    <Modal.Root opened onClose={onClose} size="lg" fullScreen={isPhone ?? false}>
      <Modal.Overlay />
      <Modal.Content>
        {/* By itself a header in a portal is one more banner of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title fw={650}>{t(`kind.${step.step}.name`)}</Modal.Title>
          <Modal.CloseButton aria-label={t("common:close")} />
        </Modal.Header>
        <Modal.Body>
          <form onSubmit={submit} noValidate>
            <Stack>
              <Text size="sm" c="dimmed">
                {t(`kind.${step.step}.text`)}
              </Text>
              <StepFields step={step} onChange={setStep} state={state} profiles={profiles} />
              {wasAsked && faults.length > 0 && (
                <Alert color="red" role="alert" title={t("form.incomplete")}>
                  <List size="sm">
                    {[...new Set(faults.map((fault) => faultText(fault, words)))].map((text) => (
                      <List.Item key={text}>{text}</List.Item>
                    ))}
                  </List>
                </Alert>
              )}
              {faults.length === 0 && (
                <Text size="sm" fs="italic" role="status" style={{ overflowWrap: "anywhere" }}>
                  {sentenceOf(step, words)}
                </Text>
              )}
              <Group justify="flex-end">
                <Button variant="default" onClick={onClose}>
                  {t("common:cancel")}
                </Button>
                <Button type="submit">{isNew ? t("form.add") : t("form.apply")}</Button>
              </Group>
            </Stack>
          </form>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

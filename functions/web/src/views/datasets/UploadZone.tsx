import { Button, FileButton, Group, Text, ThemeIcon } from "@mantine/core";
import { IconFileUpload, IconUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { DropZone } from "@/ui/DropZone";
import { uploads } from "@/views/datasets/queue";

/** Where files are dropped, or chosen with a button. What is no CSV file is refused beside its name. */
export function UploadZone() {
  const { t } = useTranslation("datasets");
  const reset = useRef<() => void>(null);
  const choose = (files: File[]) => {
    uploads.add(files);
    // Else the browser would not tell when the same file is chosen again.
    reset.current?.();
  };
  return (
    <DropZone onDrop={(files) => uploads.add(files)}>
      <Group justify="space-between" gap="md">
        <Group wrap="nowrap" flex="1 1 20rem">
          <ThemeIcon size={44} radius="xl" variant="light" aria-hidden>
            <IconFileUpload size={24} />
          </ThemeIcon>
          <div>
            <Text fw={650}>{t("drop.title")}</Text>
            <Text size="sm" c="dimmed">
              {t("drop.text")}
            </Text>
          </div>
        </Group>
        <FileButton
          multiple
          onChange={choose}
          resetRef={reset}
          inputProps={{ "aria-label": t("drop.choose") }}
        >
          {(props) => (
            <Button {...props} leftSection={<IconUpload size={18} />}>
              {t("drop.choose")}
            </Button>
          )}
        </FileButton>
      </Group>
    </DropZone>
  );
}

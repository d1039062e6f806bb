import "@mantine/dropzone/styles.css";
import { Button, Group, Text, ThemeIcon } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { IconFileUpload, IconUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { uploads } from "@/views/datasets/queue";
import classes from "@/views/datasets/UploadZone.module.css";

/** Where files are dropped, or chosen with a button. */
export function UploadZone() {
  const { t } = useTranslation("datasets");
  const open = useRef<() => void>(null);
  return (
    <Dropzone
      className={classes.zone ?? ""}
      openRef={open}
      // What is no CSV file is refused in words, beside its name.
      onDrop={(files) => uploads.add(files)}
      activateOnClick={false}
      activateOnKeyboard={false}
      useFsAccessApi={false}
      // The button is what screen readers get.
      inputProps={{ "aria-label": t("drop.choose"), "aria-hidden": true }}
      tabIndex={-1}
      p="lg"
    >
      <Group className={classes.inner ?? ""} justify="space-between" gap="md">
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
        <Button leftSection={<IconUpload size={18} />} onClick={() => open.current?.()}>
          {t("drop.choose")}
        </Button>
      </Group>
    </Dropzone>
  );
}

import { Anchor, Box, Stack, Text } from "@mantine/core";
import { useScrollSpy } from "@mantine/hooks";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import classes from "./toc.module.css";

/** Table of contents of a long view, beside it on wide screens. */
export function Toc({ ready }: { ready: boolean }) {
  const { t } = useTranslation("judge");
  const { hash, search } = useLocation();
  const { data, active, reinitialize } = useScrollSpy({ selector: "[data-section]", offset: 120 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: sections appear when the report is there.
  useEffect(() => reinitialize(), [ready]);

  useEffect(() => {
    const heading = ready && hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    if (heading) {
      heading.scrollIntoView();
      heading.focus({ preventScroll: true });
    }
  }, [hash, ready]);

  return (
    <Box component="nav" aria-label={t("contents")} visibleFrom="lg" className={classes.toc ?? ""}>
      <Text size="xs" fw={650} c="dimmed" mb={4}>
        {t("contents")}
      </Text>
      <Stack gap={0}>
        {data.map(({ id, value }, place) => (
          <Anchor
            key={id}
            component={Link}
            to={{ search, hash: id }}
            replace
            preventScrollReset
            className={classes.link ?? ""}
            underline="never"
            size="sm"
            {...(place === active ? { "aria-current": "location" as const } : {})}
          >
            {value}
          </Anchor>
        ))}
      </Stack>
    </Box>
  );
}

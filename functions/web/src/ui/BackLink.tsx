import { Anchor } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "react-router";

/** Way back to the list that a thing stands in. */
export function BackLink({ to, label }: { to: string; label: string }) {
  return (
    <Anchor
      component={Link}
      to={to}
      size="sm"
      mb="xs"
      display="inline-flex"
      style={{ alignSelf: "flex-start" }}
    >
      <IconArrowLeft size={16} aria-hidden style={{ marginInlineEnd: 4, alignSelf: "center" }} />
      {label}
    </Anchor>
  );
}

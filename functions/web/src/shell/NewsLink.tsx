import { Anchor } from "@mantine/core";
import { APP_PATH } from "@/location";

/** A link in a notification, which stands outside of the router. */
export function NewsLink({ to, label, onOpen }: { to: string; label: string; onOpen: () => void }) {
  return (
    <Anchor
      href={APP_PATH + to.slice(1)}
      size="sm"
      underline="always"
      onClick={(event) => {
        if (!(event.metaKey || event.ctrlKey || event.shiftKey)) {
          event.preventDefault();
          onOpen();
        }
      }}
    >
      {label}
    </Anchor>
  );
}

import { Badge, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isUnderWay } from "@/api/queries";

const COLORS = {
  UPLOADING: "gray",
  ANALYZING: "blue",
  CHECKING: "blue",
  QUEUED: "gray",
  RUNNING: "blue",
  CANCELLING: "orange",
  CANCELLED: "gray",
  PENDING: "blue",
  READY: "green",
  SUCCEEDED: "green",
  COMPLETE: "green",
  FAILED: "red",
} as const;

/** Status of a dataset, recipe, training, batch or erasure, in words. */
export function StatusBadge({ status }: { status: keyof typeof COLORS }) {
  const { t } = useTranslation();
  return (
    <Badge
      color={COLORS[status]}
      variant="light"
      tt="none"
      leftSection={isUnderWay(status) ? <Loader size={10} type="oval" color={COLORS[status]} /> : null}
    >
      {t(`status.${status}`)}
    </Badge>
  );
}

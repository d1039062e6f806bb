import { useFormat } from "@/i18n/format";

/** When something was, and how long ago that is. */
export function Moment({ at }: { at: string }) {
  const format = useFormat();
  return (
    <time dateTime={at}>
      {format.dateTime(at)} ({format.ago(at)})
    </time>
  );
}

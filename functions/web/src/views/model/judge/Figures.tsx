import type { Report } from "../report/report";
import { Confusion } from "./Confusion";
import { Curves } from "./Curves";
import { DataSection } from "./DataSection";
import { DependenceSection } from "./DependenceSection";
import { Errors } from "./Errors";
import { ImportanceSection } from "./ImportanceSection";
import { PerClass } from "./PerClass";

/** What only the report has: errors, curves, importance, data. */
export function Figures({ report }: { report: Report }) {
  const reasonOf = (part: string) => report.omitted.find((entry) => entry.part === part)?.reason ?? null;
  return (
    <>
      {report.task === "classification" ? (
        <>
          {report.curves.confusion_matrix && <Confusion confusion={report.curves.confusion_matrix} />}
          {report.perClass.length > 0 && (
            <PerClass entries={report.perClass} positive={report.positiveClass} />
          )}
          <Curves report={report} />
        </>
      ) : (
        <Errors report={report} />
      )}
      <ImportanceSection importance={report.importance} reason={reasonOf("importance")} />
      <DependenceSection report={report} reason={reasonOf("dependence")} />
      <DataSection report={report} />
    </>
  );
}

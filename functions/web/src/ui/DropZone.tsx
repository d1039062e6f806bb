import { type DragEvent, type ReactNode, useEffect, useState } from "react";
import classes from "@/ui/DropZone.module.css";

/** Where files, and folders of files, can be dropped. Its content offers another way, for keyboards. */
export function DropZone({ onDrop, children }: { onDrop: (files: File[]) => void; children: ReactNode }) {
  const [isOver, setOver] = useState(false);
  useKeepPage();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a pointer drops; for keyboards there is a button inside
    <div
      className={classes.zone}
      data-over={isOver || undefined}
      onDragOver={() => setOver(true)}
      onDragLeave={(event) => {
        // From a child to another, or onto the zone itself, nothing is left.
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          setOver(false);
        }
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        // A folder that can't be read is handed on as it is: it is then refused by its name.
        void dropped(event)
          .catch(() => files)
          .then((found) => found.length > 0 && onDrop(found));
      }}
    >
      {children}
    </div>
  );
}

/** A file that is dropped beside the zone would take the page's place. */
function useKeepPage(): void {
  useEffect(() => {
    const keep = (event: Event) => event.preventDefault();
    document.addEventListener("dragover", keep);
    document.addEventListener("drop", keep);
    return () => {
      document.removeEventListener("dragover", keep);
      document.removeEventListener("drop", keep);
    };
  }, []);
}

async function dropped(event: DragEvent): Promise<File[]> {
  // The items are gone once the event is over, so that all are taken before the first is waited for.
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...event.dataTransfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) {
    return files;
  }
  return (await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (let some = [] as FileSystemEntry[]; ; inside.push(...some)) {
    // A reader hands out some at a time, and none at the end.
    some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) {
      break;
    }
  }
  return (await Promise.all(inside.map(filesOf))).flat();
}

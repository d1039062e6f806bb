import { session } from "@/session/session";
import { apiRemote } from "@/views/datasets/remote";
import { type Remote, upload } from "@/views/datasets/upload";

/** How many files are sent at once; the others wait for their turn. */
export const CONCURRENT_FILES = 2;

export type Entry = {
  id: number;
  file: File;
  status: "waiting" | "sending" | "done" | "failed";
  sentBytes: number;
  datasetId: string | null;
  error: unknown;
};

/** Files on their way. It stands above all views, so that uploads go on while another view is looked at. */
export class UploadQueue {
  private entries: readonly Entry[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly controllers = new Map<number, AbortController>();
  private readonly remote: Remote;
  private lastId = 0;

  constructor(remote: Remote) {
    this.remote = remote;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly Entry[] => this.entries;

  add(files: readonly File[]): void {
    const added = files.map((file): Entry => {
      this.lastId += 1;
      return { id: this.lastId, file, status: "waiting", sentBytes: 0, datasetId: null, error: null };
    });
    this.become([...this.entries, ...added]);
    this.startNext();
  }

  retry(id: number): void {
    this.change(id, { status: "waiting", sentBytes: 0, error: null });
    this.startNext();
  }

  /** Take a file off the list; one that is under way is called off. */
  remove(id: number): void {
    this.become(this.entries.filter((entry) => entry.id !== id));
    this.controllers.get(id)?.abort();
  }

  removeDone(): void {
    this.become(this.entries.filter((entry) => entry.status !== "done"));
  }

  removeAll(): void {
    for (const { id } of this.entries) {
      this.remove(id);
    }
  }

  private startNext(): void {
    for (const entry of this.entries) {
      if (entry.status === "waiting" && this.controllers.size < CONCURRENT_FILES) {
        void this.run(entry);
      }
    }
  }

  private async run({ id, file }: Entry): Promise<void> {
    const controller = new AbortController();
    this.controllers.set(id, controller);
    this.change(id, { status: "sending" });
    try {
      const onSent = (sentBytes: number) => this.change(id, { sentBytes });
      const datasetId = await upload(file, this.remote, { onSent, signal: controller.signal });
      this.change(id, { status: "done", sentBytes: file.size, datasetId });
    } catch (error) {
      this.change(id, { status: "failed", error });
    } finally {
      this.controllers.delete(id);
      this.startNext();
    }
  }

  private change(id: number, changes: Partial<Entry>): void {
    this.become(this.entries.map((entry) => (entry.id === id ? { ...entry, ...changes } : entry)));
  }

  private become(entries: readonly Entry[]): void {
    this.entries = entries;
    this.listeners.forEach((listener) => {
      listener();
    });
  }
}

export function isUnderWay(entry: Entry): boolean {
  return entry.status === "waiting" || entry.status === "sending";
}

export const uploads = new UploadQueue(apiRemote);

/** Ask before the page is left while files are on their way; what they were signed for ends with a sign-out. */
export function guard(queue: UploadQueue): void {
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  queue.subscribe(() => {
    // A listener that is always there would keep the page out of the browser's cache of pages.
    window.removeEventListener("beforeunload", warn);
    if (queue.snapshot().some(isUnderWay)) {
      window.addEventListener("beforeunload", warn);
    }
  });
  session.subscribe(() => {
    if (session.state.status === "signed-out") {
      queue.removeAll();
    }
  });
}

guard(uploads);

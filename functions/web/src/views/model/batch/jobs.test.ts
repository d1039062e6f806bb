import { describe, expect, it } from "vitest";
import { isAbandoned, isAnyUnderWay, type Job } from "@/views/model/batch/jobs";

const NOW = Date.parse("2026-01-15T12:00:00Z");

function job(status: Job["status"], minutesAgo: number): Job {
  return {
    id: "1",
    model: "m",
    version: 1,
    file_name: "rows.csv",
    safe: false,
    status,
    created_at: new Date(NOW - minutesAgo * 60_000).toISOString(),
    started_at: null,
    finished_at: null,
    progress: 0,
    rows: 0,
    rows_with_errors: 0,
    error: null,
  };
}

describe("jobs", () => {
  it("gives up waiting for a file long after its form has ended", () => {
    expect([isAbandoned(job("UPLOADING", 4), NOW), isAbandoned(job("UPLOADING", 60), NOW)]).toEqual([
      false,
      true,
    ]);
    expect(isAbandoned(job("RUNNING", 600), NOW)).toBe(false);
  });

  it("asks again only while something goes on", () => {
    expect(isAnyUnderWay([job("SUCCEEDED", 1), job("FAILED", 2), job("UPLOADING", 60)], NOW)).toBe(false);
    expect(isAnyUnderWay([job("SUCCEEDED", 1), job("QUEUED", 90)], NOW)).toBe(true);
    expect(isAnyUnderWay([job("UPLOADING", 1)], NOW)).toBe(true);
    expect(isAnyUnderWay([], NOW)).toBe(false);
  });
});

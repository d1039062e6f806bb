import { expect, it } from "vitest";
import { runAddress } from "./runAddress";

it("leads to the run where the service says where MLflow is", () => {
  expect(runAddress({ mlflow_url: "https://mlflow.test/x/" }, "ab/c")).toBe(
    "https://mlflow.test/x/#/runs/ab%2Fc",
  );
});

it("leads nowhere without an address, or with one that is no web address", () => {
  for (const config of [
    undefined,
    {},
    { mlflow_url: null },
    { mlflow_url: "" },
    { mlflow_url: "javascript:1" },
  ]) {
    expect(runAddress(config, "abc")).toBeNull();
  }
});

import { describe, expect, it } from "vitest";
import { judge, shownMetrics } from "./judgement";

const metrics = (
  name: string,
  holdout: number | null,
  baseline: number | null,
  mean = holdout,
  std = 0.01,
) => ({
  holdout: { [name]: holdout },
  cross_validation: { [name]: mean, [`${name}_std`]: std, folds: 5 },
  baseline: { [name]: baseline },
});

describe("judge", () => {
  it("measures the way from a guess to perfection, whichever direction is better", () => {
    expect(judge("log_loss", metrics("log_loss", 0.1, 0.5)).skill).toBeCloseTo(0.8);
    expect(judge("accuracy", metrics("accuracy", 0.9, 0.6)).skill).toBeCloseTo(0.75);
    expect(judge("mcc", metrics("mcc", 0.4, 0)).skill).toBeCloseTo(0.4);
  });

  it.each([
    [0.45, "worse", 0.4],
    [0.5, "worse", 0.5],
    [0.495, "unsure", 0.5],
    [0.45, "slight", 0.5],
    [0.3, "clear", 0.5],
    [0.1, "strong", 0.5],
    [0.001, "nearPerfect", 0.5],
  ])("calls a log-loss of %f %s against %f", (value, verdict, baseline) => {
    expect(judge("log_loss", metrics("log_loss", value, baseline)).verdict).toBe(verdict);
  });

  it("is not sure where the gain is within the spread", () => {
    expect(judge("rmse", metrics("rmse", 90, 100, 90, 12)).verdict).toBe("unsure");
    expect(judge("rmse", metrics("rmse", 90, 100, 90, 2)).verdict).toBe("slight");
  });

  it("falls back on cross-validation where the holdout has no figure", () => {
    const judged = judge("roc_auc", metrics("roc_auc", null, 0.5, 0.9));
    expect(judged.holdout).toBeNull();
    expect(judged.skill).toBeCloseTo(0.8);
    expect(judged.steady).toBeNull();
  });

  it("says nothing where there is no baseline, or a baseline that is perfect", () => {
    expect(judge("rmse", metrics("rmse", 1, null)).verdict).toBe("unknown");
    expect(judge("rmse", metrics("rmse", 1, 0)).verdict).toBe("unknown");
    expect(judge("rmse", { holdout: {}, cross_validation: {}, baseline: {} }).verdict).toBe("unknown");
  });

  it("notices a holdout beyond two spreads", () => {
    expect(judge("accuracy", metrics("accuracy", 0.9, 0.5, 0.919, 0.01)).steady).toBe(true);
    expect(judge("accuracy", metrics("accuracy", 0.9, 0.5, 0.95, 0.01)).steady).toBe(false);
  });
});

describe("shownMetrics", () => {
  it("begins with the deciding one and leaves out spreads, folds and matrices", () => {
    const told = {
      mae: 1,
      mae_std: 0.1,
      rmse: 2,
      rmse_std: 1,
      residual_std: 3,
      residual_std_std: 1,
      folds: 5,
    };
    expect(shownMetrics("mae", told, { confusion_matrix: {} })).toEqual(["mae", "rmse", "residual_std"]);
  });

  it("puts a weighted metric beside the plain one, and leaves out what it does not know", () => {
    expect(
      shownMetrics("accuracy", { brier: 1, surprise: 1, weighted_log_loss: 1, log_loss: 1, accuracy: 1 }),
    ).toEqual(["accuracy", "log_loss", "weighted_log_loss", "brier"]);
  });
});

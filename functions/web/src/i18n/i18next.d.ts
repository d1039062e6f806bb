import "i18next";
import type account from "../messages/en/account.json";
import type batch from "../messages/en/batch.json";
import type clean from "../messages/en/clean.json";
import type common from "../messages/en/common.json";
import type datasets from "../messages/en/datasets.json";
import type drift from "../messages/en/drift.json";
import type judge from "../messages/en/judge.json";
import type look from "../messages/en/look.json";
import type metrics from "../messages/en/metrics.json";
import type models from "../messages/en/models.json";
import type run from "../messages/en/run.json";
import type signIn from "../messages/en/signIn.json";
import type train from "../messages/en/train.json";
import type trainings from "../messages/en/trainings.json";
import type tryOut from "../messages/en/try.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      account: typeof account;
      batch: typeof batch;
      clean: typeof clean;
      common: typeof common;
      datasets: typeof datasets;
      drift: typeof drift;
      judge: typeof judge;
      look: typeof look;
      metrics: typeof metrics;
      models: typeof models;
      run: typeof run;
      signIn: typeof signIn;
      train: typeof train;
      trainings: typeof trainings;
      try: typeof tryOut;
    };
  }
}

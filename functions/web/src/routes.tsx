import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { APP_PATH } from "@/location";
import { Shell } from "@/shell/Shell";
import { Waiting } from "@/ui/Waiting";
import { Broken } from "@/views/Broken";
import { NotFound } from "@/views/NotFound";

/** A view that is made of more than `first.css` has styles for. */
function styled(load: () => Promise<ComponentType>) {
  return async () => {
    // First in the document, so that what a view writes itself counts more.
    const styles = import("@/styles/rest");
    const Component = await load();
    await styles;
    return { Component };
  };
}

/** The views by their path; each is a chunk of its own that is loaded when it is first asked for. */
const views: RouteObject[] = [
  { index: true, element: <Navigate to="datasets" replace /> },
  { path: "sign-in", lazy: async () => ({ Component: (await import("@/views/sign-in/SignIn")).SignIn }) },
  { path: "sign-up", lazy: async () => ({ Component: (await import("@/views/sign-in/SignUp")).SignUp }) },
  {
    path: "forgotten-password",
    lazy: async () => ({ Component: (await import("@/views/sign-in/ForgottenPassword")).ForgottenPassword }),
  },
  {
    path: "datasets",
    lazy: async () => ({ Component: (await import("@/views/datasets/Datasets")).Datasets }),
  },
  {
    path: "datasets/:datasetId",
    lazy: styled(async () => (await import("@/views/dataset/Dataset")).Dataset),
    children: [
      { index: true, lazy: styled(async () => (await import("@/views/dataset/look/Look")).Look) },
      { path: "rows", lazy: styled(async () => (await import("@/views/dataset/rows/Rows")).Rows) },
      {
        path: "clean",
        lazy: styled(async () => (await import("@/views/dataset/clean/Clean")).Clean),
      },
      {
        path: "train",
        lazy: styled(async () => (await import("@/views/dataset/train/Train")).Train),
      },
    ],
  },
  {
    path: "trainings",
    lazy: styled(async () => (await import("@/views/trainings/Trainings")).Trainings),
  },
  {
    path: "trainings/:jobId",
    lazy: styled(async () => (await import("@/views/trainings/Training")).Training),
  },
  { path: "models", lazy: styled(async () => (await import("@/views/models/Models")).Models) },
  {
    path: "models/:name",
    lazy: styled(async () => (await import("@/views/model/Model")).Model),
    children: [
      { index: true, lazy: styled(async () => (await import("@/views/model/run/Run")).Run) },
      {
        path: "versions/:version",
        lazy: styled(async () => (await import("@/views/model/judge/Judge")).Judge),
      },
      {
        path: "compare",
        lazy: styled(async () => (await import("@/views/model/compare/Compare")).Compare),
      },
      { path: "try", lazy: styled(async () => (await import("@/views/model/try/Try")).Try) },
      { path: "batch", lazy: styled(async () => (await import("@/views/model/batch/Batch")).Batch) },
      { path: "drift", lazy: styled(async () => (await import("@/views/model/drift/Drift")).Drift) },
    ],
  },
  { path: "account", lazy: styled(async () => (await import("@/views/account/Account")).Account) },
  { path: "*", element: <NotFound /> },
];

export function createRouter(queries: QueryClient) {
  // Whoever signs in next sees neither answers nor news of whoever was here before.
  const forget = () => {
    queries.clear();
    notifications.clean();
  };
  return createBrowserRouter(
    [
      {
        element: <Shell onSignedOut={forget} />,
        errorElement: <Broken />,
        HydrateFallback: Waiting,
        children: [{ errorElement: <Broken />, children: views }],
      },
    ],
    { basename: APP_PATH },
  );
}

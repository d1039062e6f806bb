import { Stack } from "@mantine/core";
import { $api } from "@/api/client";
import { useModel } from "@/views/model/Model";
import { Costs } from "./Costs";
import { Danger } from "./Danger";
import { History } from "./History";
import { Serving } from "./Serving";
import { Usage } from "./Usage";
import { Versions } from "./Versions";

const LIVE_MS = 10_000;

/** What runs: the version in production, the others, their history, and what they cost. */
export function Run() {
  const model = useModel();
  // The frame shows what this asks for: stages that others change and versions that are trained meanwhile.
  $api.useQuery(
    "get",
    "/models/{name}",
    { params: { path: { name: model.name } } },
    { refetchInterval: LIVE_MS },
  );
  return (
    <Stack gap="xl">
      <Serving model={model} />
      <Versions model={model} />
      <Usage model={model} />
      <History name={model.name} />
      <Costs model={model} />
      <Danger name={model.name} />
    </Stack>
  );
}

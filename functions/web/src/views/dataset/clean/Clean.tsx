import { $api } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Waiting } from "@/ui/Waiting";
import { Builder } from "@/views/dataset/clean/Builder";
import { useDataset } from "@/views/dataset/Dataset";

/** Say how the data is to be cleaned before it is learned from, and see what that does. */
export function Clean() {
  const dataset = useDataset();
  const profile = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/profile",
    { params: { path: { dataset_id: dataset.id } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (profile.isPending) {
    return <Waiting />;
  }
  if (profile.isError) {
    return <ProblemAlert error={profile.error} onRetry={() => profile.refetch()} />;
  }
  return <Builder key={dataset.id} dataset={dataset} profile={profile.data} />;
}

import { Button, Center } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** The way to the next page of a list; absent where there is none. */
export function LoadMore({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  const { t } = useTranslation();
  if (!query.hasNextPage) {
    return null;
  }
  return (
    <Center>
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        {t("loadMore")}
      </Button>
    </Center>
  );
}

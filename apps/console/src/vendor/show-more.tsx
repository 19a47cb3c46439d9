import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";

interface ShowMoreProps {
  readonly list: {
    readonly page: { readonly pageInfo: { readonly hasNextPage: boolean } } | null;
    readonly isLoadingMore: boolean;
    readonly loadMore: () => void;
  };
}

/** Loads the next page of a list. Absent if there is none. */
export const ShowMore = ({ list: { page, isLoadingMore, loadMore } }: ShowMoreProps) =>
  page?.pageInfo.hasNextPage === true && (
    <Button variant="default" aria-disabled={isLoadingMore} onClick={loadMore}>
      <Trans>Show more</Trans>
    </Button>
  );

import { Plural, Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useKeys } from "../frame/use-keys";
import { graphql } from "../gql";
import type { PropertiesProps } from "./properties";
import { TitledSection } from "../parts/titled-section";

const watchRequest = graphql(`
  mutation ConsoleWatch($input: WatchRequestInput!) {
    watchRequest(input: $input) {
      request {
        id
        viewerIsWatching
      }
    }
  }
`);

const unwatchRequest = graphql(`
  mutation ConsoleUnwatch($input: WatchRequestInput!) {
    unwatchRequest(input: $input) {
      request {
        id
        viewerIsWatching
      }
    }
  }
`);

/** Who is notified of transitions and public comments, and whether the user is. */
export function Watchers({ request: { id, watchers, viewerIsWatching }, onChanged }: PropertiesProps) {
  const watch = useAction(watchRequest);
  const unwatch = useAction(unwatchRequest);
  const change = viewerIsWatching ? unwatch : watch;
  const isPending = watch.isPending || unwatch.isPending;
  const run = (): void => {
    if (!isPending) void change.run({ input: { id } }).then((done) => done && onChanged());
  };
  useKeys({ w: run });
  const names = watchers.flatMap((one) => (one ? [one.name] : []));
  const unseen = watchers.length - names.length;
  return (
    <TitledSection title={<Trans>Watchers</Trans>}>
      {watchers.length > 0 && (
        <p>
          {names.join(", ")} {unseen > 0 && <Plural value={unseen} one="and # whom you cannot see" other="and # whom you cannot see" />}
        </p>
      )}
      <ErrorMessage error={watch.error ?? unwatch.error} />
      <Button size="xs" variant="default" aria-disabled={isPending} onClick={run} className="watch">
        {viewerIsWatching ? <Trans>Stop watching</Trans> : <Trans>Watch</Trans>}
      </Button>
    </TitledSection>
  );
}

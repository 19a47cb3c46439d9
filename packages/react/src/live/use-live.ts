import type { GraphQLDocument, JsonObject, WeftError } from "@weft/client";
import { useMemo, useSyncExternalStore } from "react";
import { useWeft } from "../provider/weft-provider.js";
import { createLiveEvents, type LiveResult } from "./live-events.js";
import { useLatest, useSame } from "./stable.js";

export interface LiveOptions<Event> {
  /** Called with each event, in their order, and once. `errors` are those of fields that are null for that reason. */
  readonly onEvent?: (event: Event, errors: readonly WeftError[]) => void;
  /** Called when events may have been missed, so that data must be loaded again. */
  readonly onGap?: () => void;
}

/**
 * Follows a subscription while the component is mounted. It reconnects and resumes by itself, and begins again when another user logs in.
 *
 * To follow what a query has loaded, use `useLiveQuery`.
 *
 * @param variables pass `liveCursor` of the query that loaded the data as `after`. A change of `after` alone changes nothing
 */
export function useLive<Event = JsonObject, Variables = JsonObject>(
  subscription: GraphQLDocument<Event, Variables>,
  variables?: Variables,
  options: LiveOptions<Event> = {},
): LiveResult<Event> {
  const client = useWeft();
  const { after, ...others } = (variables ?? {}) as JsonObject;
  const given = useSame(others);
  const start = useLatest(after);
  const latest = useLatest(options);
  const events = useMemo(
    () =>
      createLiveEvents<Event>({
        client,
        subscription,
        variables: () => ({ ...given, ...(start.current !== undefined && { after: start.current }) }),
        onEvent: (event, errors) => latest.current.onEvent?.(event, errors),
        onGap: () => latest.current.onGap?.(),
      }),
    // `after` says where to begin, and the subscription knows better from then on.
    [client, subscription, given],
  );
  return useSyncExternalStore(events.subscribe, events.state, events.state);
}

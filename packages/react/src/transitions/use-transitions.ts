import type { JsonObject } from "@weft/client";
import { useMemo } from "react";
import { useConflicts, type Conflict } from "../actions/use-conflicts.js";
import { useWork, type Action } from "../actions/use-action.js";
import { createLiveQuery } from "../live/live-query.js";
import { useLiveState, type LiveQueryResult } from "../live/use-live-query.js";
import { useWeft } from "../provider/weft-provider.js";
import { fireTransition, transitionsQuery, workflowTransitioned } from "./transition-documents.js";
import type { AvailableTransition } from "./transition.js";

export interface Instance {
  readonly id: string;
  readonly version: number;
  readonly definitionKey: string;
  readonly state: string;
  readonly stateTitle: string;
  readonly status: string;
  readonly availableTransitions: readonly AvailableTransition[];
}

export interface FireTransition {
  readonly transition: string;
  /** Answers to the form. */
  readonly input?: JsonObject | undefined;
  readonly comment?: string | undefined;
  /** Version that the user saw. Default: the one that the hook shows */
  readonly expectedVersion?: number | undefined;
}

export interface TransitionsResult extends Omit<LiveQueryResult<unknown>, "data" | "reload"> {
  /** Null while it is loaded for the first time, and if the user cannot see it. */
  readonly instance: Instance | null;
  /** All transitions of the current state. Those that are not `allowed` have `reasons`. */
  readonly transitions: readonly AvailableTransition[];
  readonly fire: Action<FireTransition, Omit<Instance, "definitionKey" | "availableTransitions">>;
  /** Set after a transition that failed because somebody else was faster. The instance has been loaded again: show what changed, and ask again. */
  readonly conflict: Conflict<Instance> | null;
  readonly dismissConflict: () => void;
  readonly reload: () => Promise<Instance | null>;
}

interface Loaded {
  readonly liveCursor: string | null;
  readonly workflowInstance: Instance | null;
}

interface Fired {
  readonly fireTransition: { readonly instance: Omit<Instance, "definitionKey" | "availableTransitions"> };
}

const none: readonly AvailableTransition[] = [];

/** Loads the transitions of an instance, keeps them up to date, and fires them with the version that the user sees. */
export function useTransitions(instanceId: string): TransitionsResult {
  const client = useWeft();
  const live = useMemo(
    () =>
      createLiveQuery<Loaded>({
        client,
        query: transitionsQuery,
        variables: { id: instanceId },
        follow: ({ workflowInstance }) =>
          workflowInstance ? [{ subscription: workflowTransitioned, variables: { instanceId }, concerns: () => true }] : [],
        previous: null,
      }),
    [client, instanceId],
  );
  const { data, error, status, isLoading, reload: load } = useLiveState(live);
  const instance = data?.workflowInstance ?? null;
  const reload = useMemo(() => async () => (await load())?.workflowInstance ?? null, [load]);
  const { conflict, dismiss, guard } = useConflicts({ shown: instance, reload });
  const fire = useWork(async ({ expectedVersion = instance?.version, ...given }: FireTransition, idempotencyKey) => {
    const input = { instanceId, ...given, expectedVersion };
    const fired = await guard(() => client.mutate<Fired>(fireTransition, { input }, { idempotencyKey }));
    return fired.fireTransition.instance;
  }, instanceId);
  return {
    instance,
    transitions: instance?.availableTransitions ?? none,
    error,
    status,
    isLoading,
    reload,
    conflict,
    dismissConflict: dismiss,
    fire,
  };
}

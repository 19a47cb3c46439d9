import type { WeftError } from "@weft/client";
import { useMemo } from "react";
import { useLoaded } from "../parts/use-loaded";
import { statesOf, type WorkflowState } from "../parts/workflow-states";
import { definitionStatesQuery, requestTypesQuery } from "./requests-operations";

interface States {
  /** Null while they are loaded, and if they could not be. */
  readonly states: readonly WorkflowState[] | null;
  readonly error: WeftError | null;
}

interface StatesOptions {
  /** Keys of types. Default: all types */
  readonly typeKeys?: readonly string[];
}

/** Returns the states of the workflows of types, each name once. */
export function useStates(options: StatesOptions | null): States {
  const types = useLoaded(requestTypesQuery, options === null ? null : {});
  const chosen = types.data?.requestTypes?.edges
    .map(({ node }) => node)
    .filter(({ key }) => options?.typeKeys === undefined || options.typeKeys.includes(key));
  const keys = chosen && [...new Set(chosen.map(({ definitionKey }) => definitionKey))];
  const { data, error } = useLoaded(definitionStatesQuery, keys === undefined || options === null ? null : { keys });
  const states = useMemo(() => {
    if (!data?.definitions) return null;
    const newest = new Map<string, { readonly number: number; readonly document: unknown }>();
    for (const { node } of data.definitions.edges) if ((newest.get(node.key)?.number ?? 0) < node.number) newest.set(node.key, node);
    const byName = new Map<string, WorkflowState>();
    for (const { document } of newest.values())
      for (const state of statesOf(document)) if (!byName.has(state.name)) byName.set(state.name, state);
    return [...byName.values()];
  }, [data]);
  return { states, error: types.error ?? error };
}

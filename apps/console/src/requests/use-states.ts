import { useMemo } from "react";
import { useLoaded } from "../parts/use-loaded";
import { statesOf, type WorkflowState } from "../parts/workflow-states";
import { definitionStatesQuery, requestTypesQuery } from "./requests-operations";

interface StatesOptions {
  /** Keys of types. Default: all types */
  readonly typeKeys?: readonly string[];
}

/** Returns the states of the workflows of types, each name once. Null while they are loaded, and if the user cannot read definitions. */
export function useStates(options: StatesOptions | null): readonly WorkflowState[] | null {
  const types = useLoaded(requestTypesQuery, options === null ? null : {});
  const chosen = types.data?.requestTypes?.edges
    .map(({ node }) => node)
    .filter(({ key }) => options?.typeKeys === undefined || options.typeKeys.includes(key));
  const keys = chosen && [...new Set(chosen.map(({ definitionKey }) => definitionKey))];
  const { data } = useLoaded(definitionStatesQuery, keys === undefined || options === null ? null : { keys });
  return useMemo(() => {
    if (!data?.definitions) return null;
    const newest = new Map<string, { readonly number: number; readonly document: unknown }>();
    for (const { node } of data.definitions.edges) if ((newest.get(node.key)?.number ?? 0) < node.number) newest.set(node.key, node);
    const states = new Map<string, WorkflowState>();
    for (const { document } of newest.values())
      for (const state of statesOf(document)) if (!states.has(state.name)) states.set(state.name, state);
    return [...states.values()];
  }, [data]);
}

import { type Config, hasPermission } from "@weft/shared";
import { Kind, OperationTypeNode, parse, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from "graphql";
import type { Executor } from "../executor.js";
import { perMinute, type Counters } from "./counters.js";

const FIELD = "publishEvent";
/** Limit for cyclic fragments, which validation refuses later. */
const MAX_COUNTED = 10_000;

/**
 * Returns an executor that counts the events that a tenant publishes: every field `publishEvent` of an operation, before any of them runs. Consumers,
 * webhooks and triggers work on each event, so one tenant's flood would delay them for all others.
 * @throws RateLimited if the tenant has used up its limit for this minute
 */
export function countingPublishedEvents(
  executor: Executor,
  { counters, limits }: { readonly counters: Counters; readonly limits: Pick<Config["limits"], "publishedEventsPerMinute"> },
): Executor {
  const hold = perMinute(
    counters.counter("published-events"),
    (allowed) => `Your organization exceeded the limit of ${allowed} published events per minute.`,
  );
  return {
    get schema() {
      return executor.schema;
    },
    stop: () => executor.stop(),
    execute: async (operation, context) => {
      // Others are refused, and must not use up the limit of those who may publish.
      const points =
        context.viewer && hasPermission(context.viewer, "event.publish") && operation.query.includes(FIELD)
          ? publishedEventsIn(operation)
          : 0;
      if (context.viewer && points > 0) await hold({ key: context.viewer.tenantId, points, allowed: limits.publishedEventsPerMinute });
      return executor.execute(operation, context);
    },
  };
}

/** Counts the fields `publishEvent` of the operation that runs, with fragments expanded. Zero if the document is not valid. */
function publishedEventsIn({ query, operationName }: { readonly query: string; readonly operationName?: string }): number {
  const document = parsed(query);
  if (document === null) return 0;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  let count = 0;
  let steps = 0;
  const walk = ({ selections }: SelectionSetNode, within: readonly string[]): void => {
    for (const selection of selections) {
      if (++steps > MAX_COUNTED) return;
      if (selection.kind === Kind.FIELD) count += selection.name.value === FIELD ? 1 : 0;
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, within);
      else if (!within.includes(selection.name.value)) {
        const fragment = fragments.get(selection.name.value);
        if (fragment) walk(fragment.selectionSet, [...within, selection.name.value]);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.MUTATION) continue;
    if (operationName === undefined || definition.name?.value === operationName) walk(definition.selectionSet, []);
  }
  return count;
}

function parsed(query: string): DocumentNode | null {
  try {
    return parse(query, { noLocation: true });
  } catch {
    return null;
  }
}

import { hasPermission } from "@weft/shared/viewer";
import type { Config } from "@weft/platform/config";
import { type Counter, perMinute, PUBLISHED_EVENTS } from "@weft/api/limits";
import {
  Kind,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";

const FIELD = "publishEvent";

/**
 * Returns an executor that counts the events that a tenant publishes: every field `publishEvent` of an operation, before any of them runs. Consumers,
 * webhooks and triggers work on each event, so one tenant's flood would delay them for all others.
 * @throws RateLimited if the tenant has used up its limit for this minute
 */
export function countingPublishedEvents(
  executor: Executor,
  {
    counters,
    limits,
  }: {
    readonly counters: { counter(name: string): Pick<Counter, "consume"> };
    readonly limits: Pick<Config["limits"], "publishedEventsPerMinute">;
  },
): Executor {
  const hold = perMinute(
    counters.counter(PUBLISHED_EVENTS),
    (allowed) => `Your organization exceeded the limit of ${allowed} published events per minute.`,
  );
  return executorOver(executor, async (operation, context) => {
    // Others are refused, and must not use up the limit of those who may publish.
    const points =
      context.viewer && hasPermission(context.viewer, "event.publish") && operation.query.includes(FIELD)
        ? publishedEventsIn(operation)
        : 0;
    if (context.viewer && points > 0) await hold({ key: context.viewer.tenantId, points, allowed: limits.publishedEventsPerMinute });
    return executor.execute(operation, context);
  });
}

/**
 * Counts the fields `publishEvent` of the operation that runs, with fragments expanded. Zero if the document is not valid. Visits each fragment once,
 * however often it is spread, so that a long document is counted as a whole.
 */
function publishedEventsIn({ query, operationName }: { readonly query: string; readonly operationName?: string }): number {
  const document = parsed(query);
  if (document === null) return 0;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const known = new Map<string, number>();
  const countOf = ({ selections }: SelectionSetNode): number => selections.reduce((count, selection) => count + selected(selection), 0);
  const selected = (selection: SelectionNode): number => {
    if (selection.kind === Kind.FIELD) return selection.name.value === FIELD ? 1 : 0;
    return selection.kind === Kind.INLINE_FRAGMENT ? countOf(selection.selectionSet) : spread(selection.name.value);
  };
  const spread = (name: string): number => {
    const before = known.get(name);
    if (before !== undefined) return before;
    // Ends cycles, which validation refuses later.
    known.set(name, 0);
    const fragment = fragments.get(name);
    const count = fragment ? countOf(fragment.selectionSet) : 0;
    known.set(name, count);
    return count;
  };
  return document.definitions.reduce(
    (count, definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.MUTATION &&
      (operationName === undefined || definition.name?.value === operationName)
        ? count + countOf(definition.selectionSet)
        : count,
    0,
  );
}

function parsed(query: string): DocumentNode | null {
  try {
    return parse(query, { noLocation: true });
  } catch {
    return null;
  }
}

import { actorOf, availableFor, fireInstance, type AvailableTransition, type InstanceHead } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import type { Context } from "@weft/api/context";
import { toWorkflowInstance } from "../instances/instance.type.js";
import type { BulkFireTransitionInput, PreviewBulkTransitionArgs } from "./bulk.input.js";
import { assertAllFound, findTargets, readSelection } from "./bulk.service.js";
import { countTargets, selectTargetHeads, targetsWhere } from "./bulk.store.js";
import { BulkKind, type BulkOperationRow, type BulkPreview } from "./bulk.type.js";
import { MAX_TARGETS, assertComment, checkedTargets, createOperation } from "./create-operation.js";
import type { Perform } from "./run/run-item.js";
import { assertIndexed } from "../instances/data-filter/indexed-fields.js";

/** Instances that a preview examines. A selection can contain ten times as many. */
const MAX_EXAMINED = 1_000;
const CHUNK = 100;
/** Computing time limit of a preview. Other requests are served between chunks. */
const MAX_COMPUTING_MS = 2_000;
const MAX_REASONS = 20;
const MAX_SAMPLE = 10;

/** Previews firing a transition on all instances of a selection. Nothing is written. */
export async function previewBulkTransition(ctx: Context, args: PreviewBulkTransitionArgs): Promise<BulkPreview> {
  const { transition } = args;
  assertName(transition, "transition");
  const { computing } = ctx;
  computing.assertLeft();
  const { where, ids } = readSelection(ctx, args, "");
  await assertIndexed(ctx, args.filter, "filter");
  const reachable = targetsWhere(ctx.viewer, "workflow.fire", where);
  const total = await ctx.read((tx) => countTargets(tx, reachable));
  const tally = new Tally();
  const found = new Set<string>();
  const before = computing.spentMs;
  for (let after: string | null = null, more = true; more;) {
    const heads = await ctx.read((tx) => selectTargetHeads(tx, reachable, after, CHUNK));
    const offered = await ctx.read((tx) => availableFor(tx, heads, actorOf(ctx.viewer), computing));
    for (const head of heads) {
      found.add(head.id);
      tally.add(head, transition, offered.get(head.id) ?? []);
    }
    after = heads.at(-1)?.id ?? null;
    more = heads.length === CHUNK && found.size < MAX_EXAMINED && computing.spentMs - before < MAX_COMPUTING_MS && computing.hasLeft;
  }
  if (found.size === total) assertAllFound(ids, found, "");
  return { total, examined: found.size, ...tally.result() };
}

/** Collects the results of the instances. */
class Tally {
  readonly #reasons = new Map<string, number>();
  readonly #sample: InstanceHead[] = [];
  #open = 0;
  #refused = 0;
  #requiresComment = false;

  add(head: InstanceHead, name: string, offered: readonly AvailableTransition[]): void {
    const transition = offered.find((one) => one.name === name);
    if (transition?.requiresComment) this.#requiresComment = true;
    if (transition?.allowed) {
      this.#open += 1;
      if (this.#sample.length < MAX_SAMPLE) this.#sample.push(head);
      return;
    }
    this.#refused += 1;
    const missing = head.status === "RUNNING" ? `The state ${head.state} has no such transition.` : `The instance is ${head.status}.`;
    const reasons = transition ? transition.reasons.map(({ message }) => message) : [missing];
    for (const reason of new Set(reasons)) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  result(): Omit<BulkPreview, "total" | "examined"> {
    const reasons = [...this.#reasons].map(([message, count]) => ({ message, count })).toSorted((one, other) => other.count - one.count);
    return {
      open: this.#open,
      rejected: this.#refused,
      reasons: reasons.slice(0, MAX_REASONS),
      requiresComment: this.#requiresComment,
      sample: this.#sample.map(toWorkflowInstance),
    };
  }
}

/**
 * Fires a transition on every instance of a selection, separately, on behalf of the viewer and with the rights that the viewer has when the instance
 * is processed.
 */
export async function bulkFireTransition(ctx: Context, { idempotencyKey, ...asked }: BulkFireTransitionInput): Promise<BulkOperationRow> {
  const { transition, comment, input, expectedTotal } = asked;
  assertName(transition, "input.transition");
  assertComment(comment);
  const selection = readSelection(ctx, asked, "input.");
  await assertIndexed(ctx, asked.filter, "input.filter");
  return createOperation(ctx, { mutation: "bulkFireTransition", key: idempotencyKey, input: asked }, async (tx) => {
    const targets = await findTargets(tx, ctx, selection, { permission: "workflow.fire", limit: MAX_TARGETS + 1 });
    return {
      kind: BulkKind.TRANSITION,
      params: { transition, input: input ?? null },
      comment: comment ?? null,
      targets: checkedTargets(targets, { path: selection.ids ? "input.instanceIds" : "input.filter", expectedTotal }),
    };
  });
}

/** Fires the transition on one instance. Fails with CONFLICT if somebody has changed the instance since the operation was requested. */
export const fireOne: Perform = async (tx, meta, { viewer, operation, item }) => {
  const { transition, input } = operation.params;
  const head = await fireInstance(tx, meta, {
    id: item.instanceId,
    transition: String(transition),
    actor: actorOf(viewer),
    input: input ?? undefined,
    comment: operation.comment,
    expectedVersion: item.plannedVersion,
  });
  return { version: head.version };
};

function assertName(transition: string, path: string): void {
  const problems = textProblems(path, transition, { max: 64 });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** The one write of a batch: `engine.apply_batch(ids, versions, batch)`. */
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { Decided } from "./decide.js";

/** A move that was not written, by its place among the moves. Busy: the instance or a task of it is in somebody's hands, and otherwise as it was. */
export type Unwritten = { readonly index: number; readonly isBusy: boolean; readonly currentVersion: number | null; readonly currentState: string | null };

/** Writes moves of different instances, each upon the version that it was decided upon; gives those that were not written. */
export async function writeBatch(tx: Tx, moves: readonly Decided[]): Promise<Unwritten[]> {
  const ids = moves.map(({ before }) => before.id);
  const versions = moves.map(({ before }) => before.version);
  const [row] = await tx.execute<{ unwritten: (Omit<Unwritten, "index"> & { n: number })[] | null }>(
    named(
      "applyBatch",
      sql`select engine.apply_batch(${sql.param(ids)}::uuid[], ${sql.param(versions)}::integer[], ${textOf(moves)}::text::jsonb) as unwritten`,
    ),
  );
  return (row?.unwritten ?? []).map(({ n, ...rest }) => ({ index: n - 1, ...rest }));
}

function textOf(moves: readonly Decided[]): string {
  const numbered = <T extends object>(listOf: (move: Decided["move"]) => readonly T[]) =>
    moves.flatMap(({ move }, index) => listOf(move).map((one) => ({ n: index + 1, ...one })));
  return JSON.stringify({
    moves: moves.map(({ move, meta }, index) => {
      const { instance, history, occurredAt, audit, sealedAddress } = move;
      const [entry] = audit as readonly [{ readonly id: string; readonly action: string; readonly before: object; readonly after: object }];
      const { state, status, data, ownerId, teamId, assigneeUserId, assigneeTeamId, assigneeVendorId, finishedAt, doneBy } = instance;
      const { id: historyId, kind, transition, fromState, comment, input, changes, taskId } = history;
      const { actorId: actor, onBehalfOf, sessionId, requestId, traceId } = meta;
      return {
        ...{ n: index + 1, at: occurredAt, state, status, data, ownerId, teamId, assigneeUserId, assigneeTeamId, assigneeVendorId, finishedAt, doneBy },
        ...{ historyId, kind, transition, fromState, comment, input, changes, taskId },
        ...{ auditId: entry.id, action: entry.action, before: entry.before, after: entry.after, address: sealedAddress },
        ...{ actor, onBehalfOf, sessionId, requestId, traceId },
      };
    }),
    closeTasks: numbered(({ closeTasks }) => closeTasks),
    openTasks: numbered(({ openTasks }) => openTasks),
    events: numbered(({ events }) => events),
    finished: moves.some(({ after }) => after.finishedAt !== null),
  });
}

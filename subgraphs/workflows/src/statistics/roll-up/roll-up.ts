/** Keeps the roll-up of the statistics up to date with the events of instances. */
import type { EventEnvelope, EventType } from "@weft/shared/event-catalog";
import { showDeleted, type Tx } from "@weft/platform/db";
import type { EventConsumer } from "@weft/platform/events";
import { countFacts, countPresent, spans, type Cells } from "./cells.js";
import { factsOf, type CountedInstance } from "./facts.js";
import { addCells, selectCounted, selectSteps, writeMarks, type Counted, type Mark, type Versions } from "./roll-up.store.js";

/** Events after which an instance is counted differently. */
export const countedEvents = [
  "workflow.started",
  "workflow.transitioned",
  "workflow.assigned",
  "workflow.cancelled",
  "workflow.suspended",
  "workflow.resumed",
  "workflow.rolled_back",
  "workflow.voted",
  "workflow.incident_opened",
  "workflow.incident_resolved",
  "workflow.migrated",
] as const satisfies readonly EventType[];

/** Name of the consumer, and of its cursor. */
export const statisticsConsumerName = "statistics";

/**
 * Counts instances after their events. An instance is counted as it is now, whichever of its events comes first; its other events then find nothing to
 * do. The cursor of an existing installation starts before the first event, so earlier instances are counted too.
 */
export const statisticsConsumer: EventConsumer = {
  name: statisticsConsumerName,
  types: countedEvents,
  handle: (tx, event) => rollUp(tx, [event.subjectId]),
  handleBatch: (tx, events: readonly EventEnvelope[]) => rollUp(tx, [...new Set(events.map(({ subjectId }) => subjectId))]),
};

/** Adds cells to the roll-up. The caller makes sure that nobody else counts instances of the tenant at the same time. */
export const writeCells = (tx: Tx, cells: Cells): Promise<void> => addCells(tx, cells);

/** Counts instances as they are now. The caller makes sure that nobody else counts instances of the tenant at the same time. */
export async function rollUp(tx: Tx, ids: readonly string[]): Promise<void> {
  // A request can be deleted before its last events are counted.
  await showDeleted(tx);
  const { cells, marks } = await changesOf(tx, ids);
  await addCells(tx, cells);
  await writeMarks(tx, marks);
}

/** Returns the difference between instances as they are now and as they are counted, and how they are counted with it. */
export async function changesOf(
  tx: Tx,
  ids: readonly string[],
): Promise<{ readonly cells: Cells; readonly marks: readonly (Mark & { readonly id: string })[] }> {
  const counted = (await selectCounted(tx, ids)).filter(isOutdated);
  const steps = await selectSteps(tx, counted.map(versionsOf));
  const cells: Cells = new Map();
  const marks = counted.map((one) => {
    const { instance, mark } = one;
    const { id, version, definitionId, teamId, state, status, finishedAt } = instance;
    const all = steps.get(id) ?? [];
    const isMoved = mark !== null && hasMoved(one);
    if (mark) {
      const asCounted = { ...instance, definitionId: mark.definitionId, teamId: mark.teamId, state: mark.state, status: mark.status };
      if (!mark.isFinished) countPresent(cells, asCounted, -1);
      // All that was counted under the former definition version or team is taken back. A finished instance never changes.
      if (isMoved)
        countFacts(
          cells,
          asCounted,
          factsOf(
            all.filter((step) => step.version <= mark.version),
            null,
            null,
          ).facts,
          { sign: -1 },
        );
    }
    const stay = mark === null || isMoved ? null : { state: mark.state, enteredAt: mark.enteredAt };
    const now = factsOf(all, stay, finishedAt === null ? null : instance);
    countFacts(cells, instance, now.facts);
    if (finishedAt === null) countPresent(cells, instance, 1);
    const enteredAt = now.stay?.enteredAt ?? instance.createdAt;
    return { id, version, definitionId, teamId, state, status, isFinished: finishedAt !== null, enteredAt };
  });
  for (const [key, { counts, durations, ms }] of cells) if (counts.size === 0 && durations.size === 0 && ms === 0) cells.delete(key);
  return { cells, marks };
}

/** Counts instances without the roll-up, as they are now, in cells of the shortest length. */
export async function cellsOf(tx: Tx, instances: readonly CountedInstance[]): Promise<Cells> {
  const steps = await selectSteps(
    tx,
    instances.map(({ id, version }) => ({ id, from: 0, to: version })),
  );
  const cells: Cells = new Map();
  for (const instance of instances) {
    const { finishedAt } = instance;
    countFacts(cells, instance, factsOf(steps.get(instance.id) ?? [], null, finishedAt === null ? null : instance).facts, {
      of: [spans[0]],
    });
    if (finishedAt === null) countPresent(cells, instance, 1);
  }
  return cells;
}

const isOutdated = ({ instance, mark }: Counted): boolean => mark === null || mark.version !== instance.version;

const hasMoved = ({ instance, mark }: Counted): boolean =>
  mark !== null && (mark.definitionId !== instance.definitionId || mark.teamId !== instance.teamId);

const versionsOf = (one: Counted): Versions => ({
  id: one.instance.id,
  from: one.mark === null || hasMoved(one) ? 0 : one.mark.version,
  to: one.instance.version,
});

/** Forms at the store: whether the ids in answers are somebody's, and the forms of tasks. */
import { requests, workflows } from "@weft/drizzle";
import {
  BadUserInput,
  among,
  idPrefixes,
  named,
  parseAnyId,
  visibleObjectsByIndex,
  visibleTasks,
  workersAmong,
  type Computing,
  type Tx,
  type Viewer,
} from "@weft/shared";
import { and, eq, getTableColumns, inArray } from "drizzle-orm";
import { contextOfForm, formsIn } from "../core/forms/asked.js";
import { deliverForm, type DeliveredForm } from "../core/forms/deliver.js";
import type { ReferenceType } from "../core/forms/form.js";
import type { Machine } from "../core/machine.js";
import type { Outcome } from "../core/outcome.js";
import type { ViewerActor } from "./actor.js";
import { machinesOf } from "./machines.js";
import { snapshotOf, weftNow, type InstanceHead } from "./snapshot.js";

const things = { user: "active user of your own organisation", asset: "asset" } as const satisfies Record<ReferenceType, string>;

/** A form that was filled in names only users and assets that there are. A statement for each of the two kinds, and none without such fields. */
export async function assertReferences(tx: Tx, viewer: Viewer, { references = [] }: Outcome): Promise<void> {
  if (references.length === 0) return;
  const idsOf = (type: ReferenceType): string[] => [
    ...new Set(references.flatMap((one) => (one.type === type ? (uuidOf(type, one.id) ?? []) : []))),
  ];
  const known = { user: await workersAmong(tx, idsOf("user")), asset: await knownAssets(tx, viewer, idsOf("asset")) };
  const unknown = references.filter(({ type, id }) => !known[type].has(uuidOf(type, id) ?? ""));
  if (unknown.length === 0) return;
  throw new BadUserInput(
    unknown
      .slice(0, 50)
      .map(({ path, type }) => ({ path: `input.${path}`, message: `There is no ${things[type]} with this id (${idPrefixes[type]}_…).` })),
  );
}

function uuidOf(type: ReferenceType, id: string): string | null {
  const parsed = parseAnyId(id);
  return parsed?.type === type ? parsed.uuid : null;
}

async function knownAssets(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { assets } = requests;
  const query = tx
    .select({ id: assets.id })
    .from(assets)
    .where(and(among(assets.id, ids), visibleObjectsByIndex("asset", viewer, "asset.read")));
  return new Set((await named("knownAssets", query)).map(({ id }) => id));
}

/** The forms of waiting tasks that the actor may complete, by task id; each is made when asked for. Two statements, one when all machines are cached. */
export async function formsOfTasks(
  tx: Tx,
  taskIds: readonly string[],
  actor: ViewerActor,
  computing: Computing,
): Promise<Map<string, () => DeliveredForm>> {
  const waiting = await selectWaiting(tx, taskIds, actor);
  const machines = await machinesOf(
    tx,
    actor.viewer.tenantId,
    waiting.map(({ head }) => head.definitionId),
    computing,
  );
  const forms = waiting.flatMap(({ id, rule, head, now }): [string, () => DeliveredForm][] => {
    const machine = machines.get(head.definitionId);
    const form = machine?.tasks.get(rule)?.form;
    if (!machine || !form) return [];
    return [[id, () => deliverForm(form, contextOfForm(machine, snapshotOf(head, []), { actor, now, transition: null }))]];
  });
  return new Map(forms);
}

function selectWaiting(
  tx: Tx,
  taskIds: readonly string[],
  { viewer }: ViewerActor,
): Promise<{ id: string; rule: string; head: InstanceHead; now: string }[]> {
  const { instances, tasks } = workflows;
  return named(
    "selectTasksWithData",
    tx
      .select({ id: tasks.id, rule: tasks.rule, head: getTableColumns(instances), now: weftNow })
      .from(tasks)
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(and(among(tasks.id, taskIds), inArray(tasks.status, ["OPEN", "CLAIMED"]), visibleTasks(viewer, "task.complete"))),
  );
}

/** Every form of a version, as far as it is known without an instance. */
export const formsOfMachine = (machine: Machine): readonly DeliveredForm[] => formsIn(machine).map((form) => deliverForm(form, null));

/**
 * Forms: returns the forms of stored tasks, and checks that users, assets and files in answers exist.
 * This module never validates other answers: the core does.
 */
import { requests, workflows } from "@weft/drizzle";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { idPrefixes, parseAnyId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjectsByIndex, visibleTasks } from "@weft/platform/access";
import type { Computing } from "@weft/platform/computing";
import { among, named, type Tx } from "@weft/platform/db";
import { workersAmong } from "@weft/platform/directory";
import { and, eq, inArray } from "drizzle-orm";
import { contextOfForm, formsIn } from "../../core/forms/asked.js";
import { deliverForm, type DeliveredForm } from "../../core/forms/deliver.js";
import type { Machine } from "../../core/model/machine.js";
import type { Outcome } from "../../core/model/outcome.js";
import { problemsOfFiles } from "./answer-files.js";
import type { ViewerActor } from "../model/actor.js";
import { allInCalendars } from "../calendar/calendars.js";
import { machinesOf } from "../definition/machines.js";
import { snapshotOf, weftNow } from "../model/snapshot.js";
import { headColumns, type InstanceHead } from "../model/instance-head.js";

const things = { user: "active user of your own organization", asset: "asset" } as const;
type Thing = keyof typeof things;

/**
 * Checks that the answers to a form reference only existing users and assets, and only files that the fields accept. One or two statements for each of
 * these types, none without such fields.
 */
export async function assertReferences(tx: Tx, viewer: Viewer, head: InstanceHead, { references = [] }: Outcome): Promise<void> {
  if (references.length === 0) return;
  const idsOf = (type: Thing): string[] => [
    ...new Set(references.flatMap((one) => (one.type === type ? (uuidOf(type, one.id) ?? []) : []))),
  ];
  const known = { user: await workersAmong(tx, idsOf("user")), asset: await knownAssets(tx, viewer, idsOf("asset")) };
  const unknown = references.flatMap(({ type, id, path }): Problem[] => {
    if (type === "file" || known[type].has(uuidOf(type, id) ?? "")) return [];
    return [{ path: `input.${path}`, message: `No ${things[type]} with this ID (${idPrefixes[type]}_…) exists.` }];
  });
  const problems = [...unknown, ...(await problemsOfFiles(tx, viewer, head, references))];
  if (problems.length > 0) throw new BadUserInput(problems.slice(0, 50));
}

function uuidOf(type: Thing, id: string): string | null {
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

/**
 * Returns the forms of open tasks that the actor can complete, by task ID. Each is created on request. Two statements, or one if all machines are
 * cached.
 */
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
  const bound = await allInCalendars(
    tx,
    waiting.map(({ head }) => head),
    machines,
  );
  const forms = waiting.flatMap(({ id, rule, head, now }): [string, () => DeliveredForm][] => {
    const machine = bound.get(head.id);
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
      .select({ id: tasks.id, rule: tasks.rule, head: headColumns, now: weftNow })
      .from(tasks)
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(and(among(tasks.id, taskIds), inArray(tasks.status, ["OPEN", "CLAIMED"]), visibleTasks(viewer, "task.complete"))),
  );
}

/** Returns every form of a version, as far as it is known without an instance. */
export const formsOfMachine = (machine: Machine): readonly DeliveredForm[] => formsIn(machine).map((form) => deliverForm(form, null));

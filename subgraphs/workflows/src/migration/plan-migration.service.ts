import { workflows } from "@weft/drizzle";
import {
  actorOf,
  changesOfData,
  planMigrations,
  prepareMigration,
  type MappingSource,
  type MigrationOrder,
  type PlannedInstance,
  type PreparedMigration,
} from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, type CursorScope, decodeCursor, encodeCursor, maxPageSize } from "@weft/api/pages";
import { and, eq, inArray, type SQL } from "drizzle-orm";
import { countReachable, findHeads, reachable } from "../bulk/bulk.service.js";
import { getDefinition } from "../definitions/definition.service.js";
import { toDefinition, type DefinitionRow } from "../definitions/definition.type.js";
import type { PlanMigrationArgs } from "./migration.input.js";
import {
  MigrationTaskChange,
  MigrationCompatibility,
  type EntryPage,
  type MigrationPlan,
  type MigrationPlanEntry,
  type MigrationProblemCode,
  type MigrationTask,
} from "./migration.type.js";

const { instances } = workflows;

/** Maximum number of instances examined by a plan. */
const MAX_EXAMINED = 10_000;
const CHUNK = 50;
/** Maximum number of changes shown per instance. */
const MAX_CHANGES = 100;

export type Route = {
  readonly from: DefinitionRow;
  readonly to: DefinitionRow;
  readonly order: MigrationOrder;
  readonly where: SQL | undefined;
};
type Ends = { readonly from: string; readonly to: string; readonly mapping?: MappingSource | null | undefined };

/**
 * Reads the two versions, and determines which instances run on the old one.
 * @param path prefix of the argument names
 */
export async function readRoute(tx: Tx, ctx: Context, { from: fromId, to: toId, mapping }: Ends, path: string): Promise<Route> {
  const from = await getDefinition(tx, ctx, decodeId("definition", fromId, `${path}from`), "definition.read");
  const to = await getDefinition(tx, ctx, decodeId("definition", toId, `${path}to`), "definition.read");
  const refuse = (message: string): never => {
    throw new BadUserInput([{ path: `${path}to`, message }]);
  };
  if (from.key !== to.key) refuse(`The version belongs to ${to.key}, but the instances run on ${from.key}.`);
  if (from.id === to.id) refuse("The instances already run on this version.");
  if (to.status !== "PUBLISHED")
    refuse(`Version ${to.number} of ${to.key} is ${to.status}; instances can be migrated to published versions only.`);
  return {
    from,
    to,
    order: { fromId: from.id, toId: to.id, mapping: mapping ?? null },
    // A migration must not bring a version into an environment to which it was not promoted.
    where: and(eq(instances.definitionId, from.id), inArray(instances.environment, [...to.environments, ""])),
  };
}

/** Plans the migration of each instance. Nothing is written. All pages of the response come from one evaluation. */
export async function planMigration(ctx: Context, args: PlanMigrationArgs): Promise<MigrationPlan> {
  const route = await ctx.read((tx) => readRoute(tx, ctx, args, ""));
  const prepared = await ctx.read((tx) => prepareMigration(tx, ctx.viewer.tenantId, route.order, "mapping"));
  const where = reachable(ctx, "workflow.migrate", route.where);
  const total = await countReachable(ctx, where);
  const entries = await planAll(ctx, prepared, where);
  const problems = new Map<MigrationProblemCode, number>();
  for (const entry of entries)
    for (const code of new Set(entry.problems.map((one) => one.code))) problems.set(code, (problems.get(code) ?? 0) + 1);
  const tasks = entries.flatMap((entry) => entry.tasks);
  const countTasks = (change: MigrationTaskChange): number => tasks.filter((task) => task.change === change).length;
  const compatible = entries.filter(({ canMigrate }) => canMigrate).length;
  return {
    from: toDefinition(route.from),
    to: toDefinition(route.to),
    total,
    examined: entries.length,
    compatible,
    incompatible: entries.length - compatible,
    problems: [...problems].map(([code, count]) => ({ code, count })).toSorted((one, other) => other.count - one.count),
    changingData: entries.filter(({ dataChanges }) => dataChanges.length > 0).length,
    losingData: entries.filter(({ losesData }) => losesData).length,
    tasksOpened: countTasks(MigrationTaskChange.OPENED),
    tasksClosed: countTasks(MigrationTaskChange.CLOSED),
    dueDatesChanged: tasks.filter(({ change, dueBefore, dueAfter }) => change === MigrationTaskChange.CHANGED && dueBefore !== dueAfter)
      .length,
    entries,
    list: `planMigration ${route.from.id} ${route.to.id}`,
  };
}

async function planAll(ctx: Context, prepared: PreparedMigration, where: SQL | undefined): Promise<MigrationPlanEntry[]> {
  const { computing } = ctx;
  computing.assertLeft();
  const actor = actorOf(ctx.viewer);
  const entries: MigrationPlanEntry[] = [];
  for (let after: string | null = null, more = true; more;) {
    const heads = await findHeads(ctx, where, after, CHUNK);
    const planned = await ctx.read((tx) => planMigrations(tx, prepared, heads, { actor, computing }));
    entries.push(...planned.map(toEntry));
    after = heads.at(-1)?.id ?? null;
    more = heads.length === CHUNK && entries.length < MAX_EXAMINED && computing.hasLeft;
  }
  return entries;
}

function toEntry({ head, result }: PlannedInstance): MigrationPlanEntry {
  const instanceId = head.id;
  if (!result.fits) {
    const problems = result.problems.map(({ code, message, path }) => ({ code, message, path: path ?? null }));
    return { instanceId, canMigrate: false, problems, path: [], changed: [], losesData: false, dataChanges: [], tasks: [] };
  }
  const { outcomes, tasks } = result.plan;
  const { patch, removed } = outcomes[0].dataChanges;
  const dataChanges = changesOfData(head.data, (outcomes.at(-1) ?? outcomes[0]).dataChanges.data);
  const kept = new Map(tasks.kept.map((task) => [task.id, task]));
  return {
    instanceId,
    canMigrate: true,
    problems: [],
    path: outcomes.map(({ to }) => to),
    changed: [...Object.keys(patch), ...removed],
    losesData: dataChanges[0]?.isLost === true,
    dataChanges: dataChanges.slice(0, MAX_CHANGES),
    tasks: [
      ...tasks.gained.map(({ title, dueAt }): MigrationTask => {
        return { change: MigrationTaskChange.OPENED, title, dueBefore: null, dueAfter: dueAt, isClaimed: false };
      }),
      ...tasks.lost.map(({ title, dueAt, assigneeId }): MigrationTask => {
        return { change: MigrationTaskChange.CLOSED, title, dueBefore: dueAt, dueAfter: null, isClaimed: assigneeId !== null };
      }),
      ...tasks.changed.flatMap((change): MigrationTask[] => {
        const task = kept.get(change.id);
        if (!task) return [];
        const { title, dueAt, assigneeId } = task;
        const dueAfter = change.dueAt === undefined ? dueAt : change.dueAt;
        return [
          { change: MigrationTaskChange.CHANGED, title: change.title ?? title, dueBefore: dueAt, dueAfter, isClaimed: assigneeId !== null },
        ];
      }),
    ],
  };
}

/** Returns a page of the plan, which is already complete. */
export function pageOfPlan(
  ctx: Context,
  { entries, list }: MigrationPlan,
  compatibility: MigrationCompatibility | null,
  args: ConnectionArgs,
): EntryPage {
  const { first, after, last, before } = args;
  if (typeof last === "number" || typeof before === "string")
    throw new BadUserInput([{ path: "last", message: "A plan can only be read forward. Use first and after." }]);
  const size = first ?? 20;
  if (size < 0 || size > maxPageSize)
    throw new BadUserInput([{ path: "first", message: `A page can have 0 to ${maxPageSize} items, not ${size}.` }]);
  const scope: CursorScope = { key: ctx.services.keys.cursor, tenantId: ctx.viewer.tenantId, list: `${list} ${compatibility ?? ""}` };
  const chosen = entries.filter(
    ({ canMigrate }) => compatibility === null || canMigrate === (compatibility === MigrationCompatibility.COMPATIBLE),
  );
  const behind = typeof after === "string" ? (decodeCursor(scope, after, "after")[0] ?? "") : null;
  const rest = behind === null ? chosen : chosen.filter(({ instanceId }) => instanceId > behind);
  const edges = rest.slice(0, size).map((node) => ({ node, cursor: encodeCursor(scope, [node.instanceId]) }));
  const startCursor = edges[0]?.cursor ?? null;
  const endCursor = edges.at(-1)?.cursor ?? null;
  return {
    edges,
    pageInfo: { hasNextPage: rest.length > size, hasPreviousPage: behind !== null, startCursor, endCursor },
    totalCount: () => Promise.resolve(chosen.length),
  };
}

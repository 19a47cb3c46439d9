import type { RoutingRuleRow } from "@weft/engine";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { findRule, insertRule, lockRoute, removeRule, selectRoles, updateRule } from "./routing-rule.store.js";
import { type CreateRoutingRuleInput, type UpdateRoutingRuleInput, toRoutingRule, type RoutingRule } from "./routing-rule.type.js";
import { readRule } from "./target.js";

const MAX_RULES = 200;
const ROUTE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Returns those of the given keys that are roles. */
export const rolesAmong = (tx: Tx, keys: readonly string[]): Promise<ReadonlySet<string>> => selectRoles(tx, keys);

/** Returns one rule. */
export async function readRoutingRule(ctx: Context, id: string): Promise<RoutingRule> {
  return toRoutingRule(await ctx.read((tx) => getRule(tx, id)));
}

/** Adds a rule to a route, by default as the last one. */
export function createRoutingRule(ctx: Context, { idempotencyKey, ...input }: CreateRoutingRuleInput): Promise<RoutingRule> {
  const route = readRoute(input.route);
  return ctx.inTenant(async (tx) => {
    const call = { mutation: "createRoutingRule", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => {
      const { last, size } = await lockRoute(tx, route);
      if (size >= MAX_RULES)
        throw new BadUserInput([{ path: "input.route", message: `The route ${quote(route)} has ${size} rules, which is the maximum.` }]);
      const { route: _route, ...given } = input;
      const values = { strategy: "EVERYBODY", position: last + 1, ...(await readRule(tx, given)) };
      assertTarget(values);
      const now = sql`app.weft_now()`;
      const row = await insertRule(tx, {
        name: "",
        ...values,
        tenantId: ctx.viewer.tenantId,
        id: newId(),
        route,
        createdBy: ctx.viewer.userId,
        createdAt: now as unknown as string,
        updatedAt: now as unknown as string,
      });
      await tell(ctx, tx, "created", null, row);
      return { id: row.id };
    });
    return toRoutingRule(await getRule(tx, result["id"] ?? ""));
  });
}

/** Updates a rule. Work that it already routed is not affected. */
export function updateRoutingRule(ctx: Context, { idempotencyKey, ...input }: UpdateRoutingRuleInput): Promise<RoutingRule> {
  const { id: given, expectedVersion, ...changes } = input;
  const id = decodeId("routingRule", given, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "updateRoutingRule", key: idempotencyKey, input }, async () => {
      const before = await getRule(tx, id, expectedVersion);
      const values = await readRule(tx, { ...changes, name: changes.name ?? before.name });
      assertTarget({ ...before, ...values });
      const after = await updateRule(tx, before, values);
      if (!after) throw changedMeanwhile(before);
      await tell(ctx, tx, "updated", before, after);
      return { id };
    });
    return toRoutingRule(await getRule(tx, id));
  });
}

/** Deletes a rule. */
export function deleteRoutingRule(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<string> {
  const id = decodeId("routingRule", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "deleteRoutingRule", key: idempotencyKey, input }, async () => {
      const before = await getRule(tx, id, input.expectedVersion);
      if (!(await removeRule(tx, before))) throw changedMeanwhile(before);
      await tell(ctx, tx, "deleted", before, null);
      return { id };
    });
    return input.id;
  });
}

async function getRule(tx: Tx, id: string, expectedVersion?: number | null): Promise<RoutingRuleRow> {
  const row = await findRule(tx, id);
  if (!row) throw new NotFound("RoutingRule", encodeId("routingRule", id));
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile(row);
  return row;
}

function readRoute(route: string): string {
  const problems = textProblems("input.route", route, { max: 64 });
  if (problems.length === 0 && !ROUTE.test(route))
    problems.push({ path: "input.route", message: `${quote(route)} is not a valid route name. Examples: facilities, north-side.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  return route;
}

function assertTarget(rule: {
  readonly userIds?: readonly string[];
  readonly teamIds?: readonly string[];
  readonly roles?: readonly string[];
}): void {
  if ([rule.userIds, rule.teamIds, rule.roles].some((list) => (list?.length ?? 0) > 0)) return;
  throw new BadUserInput([{ path: "input.roles", message: "A rule must select at least one user, team or role." }]);
}

async function tell(
  ctx: Context,
  tx: Tx,
  verb: "created" | "updated" | "deleted",
  before: RoutingRuleRow | null,
  after: RoutingRuleRow | null,
) {
  const rule = after ?? before;
  if (!rule) throw new Error("a routing rule change without a rule");
  const action = { created: "create", updated: "update", deleted: "delete" }[verb];
  const subjectVersion = after ? after.version : rule.version + 1;
  await appendEvents(tx, ctx.meta, [{ type: `routingRule.${verb}`, subjectId: rule.id, subjectVersion, payload: { route: rule.route } }]);
  await writeAudit(tx, ctx.meta, [{ action: `routingRule.${action}`, entityType: "routingRule", entityId: rule.id, before, after }]);
}

const changedMeanwhile = ({ name, version }: RoutingRuleRow): Conflict =>
  new Conflict(`The rule ${quote(name)} was changed by another request. Read it again and retry.`, { currentVersion: version });

/**
 * Maintenance plans: create requests from a template, in the name of their owner.
 * A planned time or total has at most one request, which is created in the transaction that records the occurrence.
 * A user who changes a plan becomes its owner, so nothing is created with the rights of a user who has not written it.
 */
import { actorOf, checkStart, readNow } from "@weft/engine";
import { BadUserInput, Conflict, Forbidden, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import { keepAssetUse } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { timeZoneOf } from "@weft/api/periods";
import { assertPlanned, isoOf, readSpan, readTiming } from "@weft/api/timing";
import { requireBuilding } from "../buildings/building.service.js";
import { getCumulativeMeter, latestTotalOf } from "../meters/meter.service.js";
import { parseQuantity, toDecimal } from "../meters/quantity.js";
import { assertPlace, type Place, type WantedPlace } from "../requests/create-request.service.js";
import { getRequestTypeByKey } from "../request-types/request-type.service.js";
import { readTags } from "../triage/tags.js";
import type { MaintenanceMeterInput, MaintenanceTemplateInput } from "./plan.input.js";
import { findPlans, insertPlan, lockPlan, lockPlanCount, type NewPlan, type PlanRow, updatePlan } from "./plan.store.js";
import { type CreateMaintenancePlanInput, planColumns, type UpdateMaintenancePlanInput } from "./plan.type.js";
import { hasCalendar, nextPlanned, plannedRow } from "./planned.js";

const MAX_PLANS = 2_000;
const MAX_DATA_CHARS = 100_000;
const MIN_EVERY_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export async function getPlan(tx: Tx, viewer: Viewer, id: string): Promise<PlanRow> {
  const [row] = await findPlans(tx, viewer, [id]);
  if (!row) throw new NotFound("MaintenancePlan", encodeId("maintenancePlan", id));
  return row;
}

/**
 * Returns the plan and locks it until commit.
 * @throws NotFound, Conflict
 */
export async function lockPlanAt(tx: Tx, viewer: Viewer, id: string, expectedVersion?: number | null): Promise<PlanRow> {
  const row = await lockPlan(tx, viewer, id);
  if (!row) throw new NotFound("MaintenancePlan", encodeId("maintenancePlan", id));
  if (typeof expectedVersion === "number" && expectedVersion !== row.version)
    throw new Conflict(`The maintenance plan ${quote(row.name)} was changed by another request. Read it again and retry.`, {
      currentVersion: row.version,
    });
  return row;
}

export const tenantNow = async (tx: Tx): Promise<number> => Date.parse(await readNow(tx));

export async function createMaintenancePlan(ctx: Context, input: CreateMaintenancePlanInput): Promise<PlanRow> {
  planColumns.assertText(input);
  const ofOrganization = await timeZoneOf(ctx, {});
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createMaintenancePlan", input }, async () => {
      if ((await lockPlanCount(tx)) >= MAX_PLANS)
        throw new BadUserInput([{ path: "input", message: `There are already ${MAX_PLANS} maintenance plans, which is the maximum.` }]);
      const now = await tenantNow(tx);
      const at = isoOf(now);
      const template = await readTemplate(tx, ctx, input.template);
      const meter = await readMeter(tx, ctx, input.meter ?? null, template.assetId);
      const timeZone = input.timeZone ?? (await zoneOf(tx, ctx, template.buildingId)) ?? ofOrganization;
      const { cron, every, startsAt, endsAt } = input;
      const calendar = readCalendar({ cron, every, startsAt, endsAt, timeZone }, null, meter !== noMeter);
      const policies = { missedRuns: "RUN_ONCE", catchUpSeconds: 7 * DAY_SECONDS, ...readPolicies(input) };
      const base = { tenantId, id: newId(), name: input.name, ...template, ...meter, ...calendar, ...policies, plannedSince: at };
      if (hasCalendar(base)) assertCalendar(base, now);
      const inserted = await insertPlan(tx, {
        ...base,
        ...(await nextColumns(tx, base, now)),
        // The worker looks at it now: the first planned total can be reached already, with the lead.
        dueAt: at,
        ownerId: userId,
        createdBy: userId,
        createdAt: at,
        updatedAt: at,
      });
      const event = { type: "maintenancePlan.created", payload: { name: inserted.name } } as const;
      await recordChange(tx, ctx.meta, { event, before: null, after: inserted });
      return inserted;
    });
    return getPlan(tx, ctx.viewer, id);
  });
}

const zoneOf = async (tx: Tx, { viewer }: Context, buildingId: string | null): Promise<string | null> =>
  buildingId === null ? null : (await requireBuilding(tx, viewer, buildingId, "input.template.buildingId")).timeZone;

const calendarFields = ["cron", "every", "timeZone", "startsAt", "endsAt"] as const;

/** Changes a plan. The viewer becomes its owner. If the planned times change, they count from now. */
export async function updateMaintenancePlan(ctx: Context, input: UpdateMaintenancePlanInput): Promise<PlanRow> {
  const id = decodeId("maintenancePlan", input.id, "input.id");
  planColumns.assertText(input);
  return ctx.inTenant(async (tx) => {
    const before = await lockPlanAt(tx, ctx.viewer, id, input.expectedVersion);
    const now = await tenantNow(tx);
    const template = input.template ? await readTemplate(tx, ctx, input.template) : null;
    const assetId = template === null ? before.assetId : template.assetId;
    const meter = input.meter === undefined ? {} : await readMeter(tx, ctx, input.meter, assetId);
    const isReplanned = calendarFields.some((field) => input[field] !== undefined);
    const hasMeter = input.meter === undefined ? before.meterId !== null : input.meter !== null;
    const calendar = isReplanned ? { ...readCalendar(input, before, hasMeter), plannedSince: isoOf(now) } : {};
    const named = typeof input.name === "string" ? { name: input.name } : {};
    const changes: Partial<PlanRow> = { ...named, ...template, ...meter, ...calendar, ...readPolicies(input) };
    if (Object.keys(changes).length === 0)
      throw new BadUserInput([
        { path: "input", message: "Nothing to change. Provide at least one field other than id and expectedVersion." },
      ]);
    const after = { ...before, ...changes };
    if (!hasCalendar(after) && after.meterId === null)
      throw new BadUserInput([{ path: "input.meter", message: "The plan has no calendar. Without a meter, it would create no requests." }]);
    if (template === null) await assertCreatable(tx, ctx, after);
    if (isReplanned && hasCalendar(after)) assertCalendar(after, now);
    const next = isReplanned ? await nextColumns(tx, after, now) : {};
    const status = isReplanned && after.status === "ENDED" ? "ACTIVE" : after.status;
    // The worker looks at it now: a new planned total can be reached already.
    const dueAt = status === "ACTIVE" ? isoOf(now) : null;
    const row = await updatePlan(tx, before, { ...changes, ...next, status, dueAt, ownerId: ctx.viewer.userId });
    const event = { type: "maintenancePlan.updated", payload: { changed: Object.keys(changes) } } as const;
    await recordChange(tx, ctx.meta, { event, before, after: row });
    return row;
  });
}

type Template = Pick<PlanRow, "typeId" | "data" | "buildingId" | "assetId" | "spaceId" | "priority" | "dueInSeconds" | "tags">;

/** Returns the columns of a template from which the viewer could create a request now. @throws BadUserInput, Forbidden */
async function readTemplate(tx: Tx, ctx: Context, input: MaintenanceTemplateInput): Promise<Template> {
  const data = input.data ?? {};
  if (JSON.stringify(data).length > MAX_DATA_CHARS)
    throw new BadUserInput([{ path: "input.template.data", message: `The data has more than ${MAX_DATA_CHARS} characters.` }]);
  const wanted = {
    buildingId: input.buildingId ? decodeId("building", input.buildingId, "input.template.buildingId") : null,
    assetId: input.assetId ? decodeId("asset", input.assetId, "input.template.assetId") : null,
    spaceId: input.spaceId ? decodeId("space", input.spaceId, "input.template.spaceId") : null,
  };
  const dueInSeconds = readSpan(input.dueIn, { path: "input.template.dueIn", max: "P3660D" }) ?? null;
  const tags = readTags(input.tags ?? [], "input.template.tags");
  const type = await getRequestTypeByKey(tx, ctx.viewer, input.typeKey, "input.template.typeKey");
  const place = await keepPlace(tx, ctx, wanted);
  const template = { typeId: type.id, data, ...place, priority: input.priority ?? null, dueInSeconds, tags };
  assertOwner(ctx.viewer, template);
  await assertStartable(tx, ctx, type, data);
  return template;
}

/** Checks again, as the new owner, what another user has written. */
async function assertCreatable(tx: Tx, ctx: Context, row: PlanRow): Promise<void> {
  assertOwner(ctx.viewer, row);
  await keepPlace(tx, ctx, row);
}

/** A plan that is created while its asset is deleted is either counted there, or refused here. */
async function keepPlace(tx: Tx, { viewer }: Context, wanted: WantedPlace): Promise<Place> {
  if (wanted.assetId !== null) await keepAssetUse(tx, wanted.assetId);
  return assertPlace(tx, viewer, wanted, { path: "input.template" });
}

type RequestType = Awaited<ReturnType<typeof getRequestTypeByKey>>;

async function assertStartable(tx: Tx, ctx: Context, type: RequestType, data: Record<string, unknown>): Promise<void> {
  await checkStart(tx, ctx.meta, {
    definitionKey: type.definitionKey,
    data,
    fields: type.fields,
    ownerId: ctx.viewer.userId,
    subject: { type: "request", id: newId(), requestType: type.key },
    actor: actorOf(ctx.viewer),
  }).catch((error: unknown) => {
    if (!(error instanceof BadUserInput)) throw error;
    throw new BadUserInput(
      error.problems.map(({ path, message }) => ({ path: path.replace(/^input\.data/, "input.template.data"), message })),
    );
  });
}

/** Permissions that the creation of a request of the template requires. */
export const permissionsFor = ({ priority, dueInSeconds, tags }: Pick<PlanRow, "priority" | "dueInSeconds" | "tags">): Permission[] => [
  "request.create",
  "request.submit",
  ...(priority !== null || dueInSeconds !== null || tags.length > 0 ? (["request.triage"] as const) : []),
];

/** @throws Forbidden if the viewer cannot own the plan */
function assertOwner(viewer: Viewer, template: Pick<PlanRow, "priority" | "dueInSeconds" | "tags">): void {
  if (viewer.operatorId !== null)
    throw new Forbidden("Operators cannot own maintenance plans, because they act for a limited time. Ask a user of the tenant.");
  for (const permission of permissionsFor(template))
    if (!hasPermission(viewer, permission))
      throw new Forbidden(`A maintenance plan creates requests in your name, which requires the permission ${permission}.`);
}

const noMeter = { meterId: null, meterEvery: null, meterLead: "0", nextTotal: null };

/** @throws BadUserInput */
async function readMeter(tx: Tx, ctx: Context, input: MaintenanceMeterInput | null, assetId: string | null) {
  if (input === null) return noMeter;
  const path = (field: string): string => `input.meter.${field}`;
  const meter = await getCumulativeMeter(tx, ctx, decodeId("meter", input.meterId, path("meterId")), path("meterId"));
  if (assetId !== null && meter.assetId !== assetId)
    throw new BadUserInput([
      { path: path("meterId"), message: `The meter ${quote(meter.name)} belongs to another asset than that of the template.` },
    ]);
  const every = parseQuantity(input.every, path("every"));
  const lead = typeof input.lead === "string" ? parseQuantity(input.lead, path("lead")) : 0n;
  if (every <= 0n) throw new BadUserInput([{ path: path("every"), message: "`every` must be greater than 0." }]);
  if (lead < 0n || lead >= every)
    throw new BadUserInput([{ path: path("lead"), message: "`lead` must be at least 0 and less than `every`." }]);
  const total = await latestTotalOf(tx, meter.id);
  const next = typeof input.nextTotal === "string" ? parseQuantity(input.nextTotal, path("nextTotal")) : (total ?? 0n) + every;
  if (total !== null && next <= total)
    throw new BadUserInput([
      { path: path("nextTotal"), message: `The total of the meter is ${toDecimal(total)} already. Choose a greater one.` },
    ]);
  return { meterId: meter.id, meterEvery: toDecimal(every), meterLead: toDecimal(lead), nextTotal: toDecimal(next) };
}

type Calendar = Pick<PlanRow, "cron" | "everySeconds" | "timeZone" | "startsAt" | "endsAt">;
type CalendarInput = { readonly [Field in (typeof calendarFields)[number]]?: string | null | undefined };

/** Returns the columns of the calendar. Without one, a plan with a meter has only a time zone. @throws BadUserInput */
function readCalendar(input: CalendarInput, before: PlanRow | null, hasMeter: boolean): Calendar {
  const isGiven = typeof input.cron === "string" || typeof input.every === "string";
  const isKept = before !== null && hasCalendar(before) && input.cron !== null && input.every !== null;
  if (!isGiven && !isKept) {
    if (!hasMeter) throw new BadUserInput([{ path: "input.cron", message: "Give at least one of cron, every and meter." }]);
    const timeZone = input.timeZone ?? before?.timeZone ?? "UTC";
    return { cron: null, everySeconds: null, timeZone, startsAt: null, endsAt: null };
  }
  const { runAt: _, ...calendar } = readTiming(input, isKept ? plannedRow(before) : null);
  return calendar;
}

function assertCalendar(row: Parameters<typeof plannedRow>[0], now: number): void {
  const plan = assertPlanned(plannedRow(row), now);
  if (plan.timing.kind === "every" && plan.timing.seconds < MIN_EVERY_SECONDS)
    throw new BadUserInput([{ path: "input.every", message: "Occurrences must be at least PT1H apart." }]);
}

function readPolicies({ missedRuns, catchUpWindow }: Pick<CreateMaintenancePlanInput, "missedRuns" | "catchUpWindow">) {
  const catchUpSeconds = readSpan(catchUpWindow, { path: "input.catchUpWindow", max: "P31D" });
  return { ...(missedRuns && { missedRuns }), ...(catchUpSeconds !== undefined && { catchUpSeconds }) };
}

/** Returns the columns of the next planned time after a time. */
export async function nextColumns(
  tx: Tx,
  row: Parameters<typeof nextPlanned>[1],
  after: number,
): Promise<Required<Pick<NewPlan, "nextPlannedAt" | "nextRunAt" | "dueAt">>> {
  const next = await nextPlanned(tx, row, after);
  const startsAt = next && isoOf(next.startsAt);
  return { nextPlannedAt: next && isoOf(next.plannedAt), nextRunAt: startsAt, dueAt: startsAt };
}

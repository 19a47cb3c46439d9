import { applications as tables } from "@weft/drizzle";
import { BadUserInput, LimitExceeded, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import type { ApplicationsArgs } from "./application.input.js";
import { ApplicationFilter, ApplicationOrder } from "./application.list.js";
import {
  type ApplicationRow,
  countApplications,
  deleteApplicationRow,
  findApplication,
  insertApplication,
  updateApplicationRow,
} from "./application.store.js";
import {
  type Application,
  applicationColumns,
  type CreateApplicationInput,
  toApplication,
  type UpdateApplicationInput,
} from "./application.type.js";

const MAX_APPLICATIONS = 100;

/** @throws NotFound, BadUserInput */
export async function readApplication(ctx: Context, id: string): Promise<Application> {
  return toApplication(await ctx.read((tx) => getApplication(tx, decodeId("application", id))));
}

/** Returns a page of the tenant's applications, by name by default. @throws BadUserInput */
export const listApplications = (ctx: Context, args: ApplicationsArgs): Promise<Page<Application>> =>
  tablePage(ctx, {
    list: "applications",
    args,
    table: tables.applications,
    where: ApplicationFilter.toSql(args.filter),
    orderBy: ApplicationOrder.resolve(args.orderBy, ["NAME", "ASC"]),
    toNode: toApplication,
  });

/** @throws BadUserInput, LimitExceeded, Conflict (idempotency key used with different input) */
export async function createApplication(ctx: Context, input: CreateApplicationInput): Promise<Application> {
  const problems = applicationColumns.textProblems(input);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(input.key) || input.key.length > 64)
    problems.push({
      path: "input.key",
      message: `${quote(input.key)} is not a valid key. Use at most 64 characters: lower-case words, for example field-app.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createApplication", input }, async () => {
      const used = await countApplications(tx);
      if (used >= MAX_APPLICATIONS) throw new LimitExceeded({ limit: "applications", used, allowed: MAX_APPLICATIONS });
      const row = await insertApplication(tx, { tenantId, id: newId(), ...applicationColumns.plain(input), createdBy: userId });
      await recordChange(tx, ctx.meta, { event: { type: "application.created", payload: { key: row.key } }, before: null, after: row });
      return row;
    });
    return toApplication(await getApplication(tx, id));
  });
}

/** @throws NotFound, BadUserInput, Conflict */
export async function updateApplication(ctx: Context, input: UpdateApplicationInput): Promise<Application> {
  const id = decodeId("application", input.id, "input.id");
  const changes = applicationColumns.changes(input);
  applicationColumns.assertText(changes);
  return ctx.inTenant(async (tx) => {
    const before = await getApplication(tx, id);
    const after = await updateApplicationRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("application", before.version);
    const payload = { key: after.key, changed: Object.keys(changes) };
    await recordChange(tx, ctx.meta, { event: { type: "application.updated", payload }, before, after });
    return toApplication(after);
  });
}

/** Deletes an application with its stored operations. @throws NotFound, Conflict */
export async function deleteApplication(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("application", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getApplication(tx, id);
    const deleted = await deleteApplicationRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("application", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "application.deleted", payload: { key: before.key } }, before, after: null });
    return encodeId("application", id);
  });
}

/** @throws NotFound */
async function getApplication(tx: Tx, id: string): Promise<ApplicationRow> {
  const row = await findApplication(tx, id);
  if (row === null) throw new NotFound("Application", encodeId("application", id));
  return row;
}

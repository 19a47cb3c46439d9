/** An organization's own templates. A published version replaces the built-in template for its kind, channel and locale. */
import { BadUserInput, Conflict, LimitExceeded, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { findNotifications } from "../notification.store.js";
import { type CompiledTemplate, compileTemplate, type TemplateProblem, type TemplateSource } from "./language/compile.js";
import { type RenderedMail, renderTemplate } from "./language/render.js";
import { variablesOf } from "./language/variables.js";
import { canonicalLocale } from "./locales.js";
import {
  countTemplates,
  deleteTemplateRow,
  deleteVersionsUpTo,
  findTemplates,
  findVersion,
  insertTemplate,
  insertVersion,
  type TemplateRow,
  updateTemplateRow,
} from "./template.store.js";
import type { NotificationKind } from "../notification.type.js";
import { exampleParams, type MessageFacts, valuesOf } from "./values.js";
import type {
  CreateNotificationTemplateInput,
  UpdateNotificationTemplateInput,
  PreviewNotificationTemplateInput,
  PublishNotificationTemplateInput,
} from "./template.type.js";

const MAX_TEMPLATES = 1_000;
/** Older versions are deleted, except the published one. */
const KEPT_VERSIONS = 50;

/** Creates a template with an unpublished version. @throws BadUserInput, Conflict, LimitExceeded */
export async function createTemplate(ctx: Context, input: CreateNotificationTemplateInput): Promise<TemplateRow> {
  const { kind, channel } = input;
  const locale = canonicalLocale(input.locale);
  if (channel !== "EMAIL") throw refuse("channel", "Only the channel EMAIL has templates.");
  if (locale === null) throw refuse("locale", `${JSON.stringify(input.locale.slice(0, 50))} is not a BCP 47 tag such as de or de-AT.`);
  const source = { subject: input.subject, body: input.body, text: input.text ?? null };
  const { html } = await compiled(source, kind);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createNotificationTemplate", input }, async () => {
      const used = await countTemplates(tx);
      if (used >= MAX_TEMPLATES) throw new LimitExceeded({ limit: "notificationTemplates", used, allowed: MAX_TEMPLATES });
      const row = await insertTemplate(tx, { tenantId, id: newId(), kind, channel, locale });
      if (row === null) throw new Conflict(`There is already a template for ${kind}, ${channel} and ${locale}. Update that one.`);
      await insertVersion(tx, { tenantId, templateId: row.id, number: 1, ...source, html, createdBy: userId });
      await record(tx, ctx, "notificationTemplate.create", { before: null, after: { ...row, ...source } });
      return row;
    });
    return getTemplate(tx, id);
  });
}

/** Adds a version. Messages use it when it is published. @throws NotFound, Conflict, BadUserInput */
export async function updateTemplate(ctx: Context, input: UpdateNotificationTemplateInput): Promise<TemplateRow> {
  const id = decodeId("notificationTemplate", input.id, "input.id");
  // Compiling takes longer than a transaction should, and versions never change.
  const newest = await ctx.read(async (tx) => {
    const row = await getTemplate(tx, id);
    return { row, version: await findVersion(tx, id, row.latestNumber) };
  });
  if (newest.version === null) throw changedMeanwhile("notificationTemplate", newest.row.version);
  if (input.subject === null || input.body === null)
    throw refuse(input.subject === null ? "subject" : "body", "This field cannot be null.");
  const { subject, body, text } = newest.version;
  const source = { subject: input.subject ?? subject, body: input.body ?? body, text: input.text === undefined ? text : input.text };
  const { html } = await compiled(source, newest.row.kind as NotificationKind);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const before = { ...newest.row, version: input.expectedVersion ?? newest.row.version };
    const number = newest.row.latestNumber + 1;
    const after = await updateTemplateRow(tx, before, { latestNumber: number });
    if (after === null) throw changedMeanwhile("notificationTemplate", (await getTemplate(tx, id)).version);
    await insertVersion(tx, { tenantId, templateId: id, number, ...source, html, createdBy: userId });
    await deleteVersionsUpTo(tx, after, number - KEPT_VERSIONS);
    await record(tx, ctx, "notificationTemplate.update", {
      before: { ...newest.row, subject, body, text },
      after: { ...after, ...source },
    });
    return after;
  });
}

/** Makes messages use a version. @throws NotFound, Conflict, BadUserInput */
export function publishTemplate(ctx: Context, input: PublishNotificationTemplateInput): Promise<TemplateRow> {
  const id = decodeId("notificationTemplate", input.id, "input.id");
  return setPublished(ctx, { id, action: "notificationTemplate.publish", expectedVersion: input.expectedVersion }, async (tx, row) => {
    const number = input.number ?? row.latestNumber;
    const version = await findVersion(tx, id, number);
    if (version === null) throw refuse("number", `The template has no version ${number}.`);
    // What is allowed in templates can have changed since the version was written.
    await compiled(version, row.kind as NotificationKind);
    return number;
  });
}

/** Makes messages use the next locale or the built-in template again. @throws NotFound, Conflict */
export function unpublishTemplate(ctx: Context, input: VersionedIdInput): Promise<TemplateRow> {
  const id = decodeId("notificationTemplate", input.id, "input.id");
  return setPublished(ctx, { id, action: "notificationTemplate.unpublish", expectedVersion: input.expectedVersion }, () =>
    Promise.resolve(null),
  );
}

interface Publishing {
  readonly id: string;
  readonly action: string;
  readonly expectedVersion: number | null | undefined;
}

function setPublished(
  ctx: Context,
  { id, action, expectedVersion }: Publishing,
  choose: (tx: Tx, row: TemplateRow) => Promise<number | null>,
): Promise<TemplateRow> {
  return ctx.inTenant(async (tx) => {
    const before = await getTemplate(tx, id);
    const publishedNumber = await choose(tx, before);
    const after = await updateTemplateRow(tx, { id, version: expectedVersion ?? before.version }, { publishedNumber });
    if (after === null) throw changedMeanwhile("notificationTemplate", before.version);
    await record(tx, ctx, action, { before, after });
    return after;
  });
}

/** Deletes a template with all versions. @throws NotFound, Conflict */
export async function deleteTemplate(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("notificationTemplate", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await getTemplate(tx, id);
    if (!(await deleteTemplateRow(tx, id, input.expectedVersion ?? before.version)))
      throw changedMeanwhile("notificationTemplate", before.version);
    await record(tx, ctx, "notificationTemplate.delete", { before, after: null });
  });
  return input.id;
}

export type Preview = { readonly mail: RenderedMail } | { readonly problems: readonly TemplateProblem[] };

/** Renders a template that need not be stored. @throws NotFound, BadUserInput (a notification of another kind) */
export async function previewTemplate(ctx: Context, publicUrl: string, input: PreviewNotificationTemplateInput): Promise<Preview> {
  const { kind, subject, body } = input;
  const notificationId =
    typeof input.notificationId === "string" ? decodeId("notification", input.notificationId, "input.notificationId") : null;
  const result = await compileTemplate({ subject, body, text: input.text ?? null }, variablesOf(kind));
  if ("problems" in result) return result;
  const now = new Date().toISOString();
  const shown = await ctx.read((tx) => shownBy(tx, ctx, { kind, notificationId, now }));
  const values = valuesOf({
    ...shown,
    recipient: { name: "[recipient]", timeZone: "UTC" },
    organization: "[organization]",
    url: publicUrl,
    unsubscribeUrl: `${publicUrl}/notifications/unsubscribe`,
  });
  try {
    return { mail: await renderTemplate(result.template, values) };
  } catch (error) {
    return { problems: [{ part: "body", message: `The template cannot be rendered: ${(error as Error).message}`, place: null }] };
  }
}

interface Shown {
  readonly kind: NotificationKind;
  /** UUID. Null for examples. */
  readonly notificationId: string | null;
  readonly now: string;
}

/** Returns the values of one of the viewer's notifications, or examples. @throws NotFound, BadUserInput (a notification of another kind) */
export async function shownBy(
  tx: Tx,
  ctx: Context,
  { kind, notificationId, now }: Shown,
): Promise<Pick<MessageFacts, "title" | "createdAt" | "params">> {
  if (notificationId === null) return { title: `[${kind}]`, createdAt: now, params: exampleParams(kind, now) };
  const [row] = await findNotifications(tx, ctx.viewer, [notificationId]);
  if (!row) throw new NotFound("Notification", encodeId("notification", notificationId));
  if (row.kind !== kind) throw refuse("notificationId", `The notification is of the kind ${row.kind}, not ${kind}.`);
  return row;
}

/** Returns a template. @throws NotFound */
export async function getTemplate(tx: Tx, id: string): Promise<TemplateRow> {
  const [row] = await findTemplates(tx, [id]);
  if (!row) throw new NotFound("NotificationTemplate", encodeId("notificationTemplate", id));
  return row;
}

/** @throws BadUserInput with every problem, and its place */
async function compiled(source: TemplateSource, kind: NotificationKind): Promise<CompiledTemplate> {
  const result = await compileTemplate(source, variablesOf(kind));
  if ("template" in result) return result.template;
  throw new BadUserInput(
    result.problems.map(({ part, message, place }) => ({
      path: `input.${part}`,
      message: place === null ? message : `Line ${place.line}, column ${place.column}: ${message}`,
    })),
  );
}

const refuse = (field: string, message: string): BadUserInput => new BadUserInput([{ path: `input.${field}`, message }]);

type Recordable = TemplateRow & Partial<TemplateSource>;

interface Recorded {
  readonly before: Recordable | null;
  readonly after: Recordable | null;
}

async function record(tx: Tx, ctx: Context, action: string, { before, after }: Recorded): Promise<void> {
  const entityId = (after ?? before)?.id ?? "";
  await writeAudit(tx, ctx.meta, [{ action, entityType: "notificationTemplate", entityId, before, after }]);
}

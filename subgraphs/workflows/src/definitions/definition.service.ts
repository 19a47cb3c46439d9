import type { Problem as EngineProblem } from "@weft/engine";
import { BadUserInput, Conflict, DefinitionInvalid, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { type Permission, reachesAll } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once, type OnceCall } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { checkSource, type CheckedDefinition } from "./source/check-source.js";
import { addDraft, contentOf } from "./source/definition-drafts.js";
import { assertSecondPerson } from "./life-cycle/four-eyes-publishing.js";
import { assertMayCall } from "./life-cycle/new-integrations.js";
import { assertMayPublishSteps } from "./life-cycle/rights-of-steps.js";
import { assertMayUseSecrets } from "./life-cycle/used-secrets.js";
import type { CreateDefinitionInput, PublishDefinitionInput } from "./definition.input.js";
import { findDefinition } from "./definition.store.js";
import {
  toDefinition,
  toProblem,
  toTranslation,
  type Definition,
  type DefinitionFormat,
  type DefinitionRow,
  type DefinitionText,
  type DefinitionValidation,
} from "./definition.type.js";
import { markPublished } from "./definition.writes.store.js";
import { Environment, environmentsUpTo } from "./life-cycle/environment.type.js";
import { readLabels } from "./labels.js";
import { assertScenariosPass } from "../scenarios/try-all.js";
import { spendText } from "./source/text-budget.js";
import { findWarnings } from "./source/warnings.js";

/** Returns all problems of a source, with lines. */
export function checkDefinition(ctx: Context, source: string, format: DefinitionFormat | null | undefined): Promise<CheckedDefinition> {
  return ctx.read((tx) => checkSource(tx, ctx.computing, { source, format }));
}

/** Does the same, and also returns the warnings that would prevent a source without problems from being published today. */
export function validateDefinition(
  ctx: Context,
  source: string,
  format: DefinitionFormat | null | undefined,
): Promise<DefinitionValidation> {
  spendText(ctx, source);
  return ctx.read(async (tx) => {
    const checked = await checkSource(tx, ctx.computing, { source, format });
    const { problems } = checked;
    // Users who cannot create definitions are not told who has which role or permission.
    const warnings = reachesAll(ctx.viewer, "definition.create") ? await findWarnings(tx, ctx, checked, { source, format }) : [];
    return {
      isValid: problems.length === 0,
      problems: problems.map(toProblem),
      warnings: warnings.map(toProblem),
      translation: toTranslation(checked),
    };
  });
}

/** Saves a source as the next draft of its key. Throws DEFINITION_INVALID with all problems: a draft is complete, but not yet in use. */
export function createDefinition(ctx: Context, input: CreateDefinitionInput): Promise<Definition> {
  const labels = readLabels(input);
  return ctx.inTenant(async (tx) => {
    const { idempotencyKey, ...rest } = input;
    const call = { mutation: "createDefinition", key: idempotencyKey ?? null, input: rest };
    let created: DefinitionRow | undefined;
    const { result } = await once(tx, ctx.meta, call, async () => {
      created = await addDraft(tx, ctx, { ...(await contentOf(tx, ctx.computing, input)), ...labels });
      return { id: created.id };
    });
    return toDefinition(created ?? (await getDefinition(tx, ctx, result["id"] ?? "", "definition.create")));
  });
}

/**
 * Publishes a draft. New instances of its key use it, in the environments up to the given one. It is checked again because roles can have changed
 * since it was written.
 */
export async function publishDefinition(ctx: Context, { idempotencyKey, ...input }: PublishDefinitionInput): Promise<Definition> {
  const id = decodeId("definition", input.id, "input.id");
  // Scenarios run before the transaction, which then computes only what depends on the current roles. If the draft changes in between, the call fails
  // with CONFLICT.
  const tried = await ctx.read((tx) => getDefinition(tx, ctx, id, "definition.publish"));
  if (tried.status === "DRAFT") {
    assertVersion(tried, input.expectedVersion);
    if (Object.hasOwn(tried.document, "scenarios")) await assertScenariosPass(ctx, tried);
  }
  const call = { mutation: "publishDefinition", key: idempotencyKey, input };
  return changeOnce(ctx, { id, permission: "definition.publish", call }, async (tx) => {
    const draft = await getDefinition(tx, ctx, id, "definition.publish", input.expectedVersion ?? tried.version);
    if (draft.status !== "DRAFT") {
      throw new BadUserInput([
        { path: "input.id", message: `Version ${draft.number} of ${draft.key} is ${draft.status}; only drafts can be published.` },
      ]);
    }
    assertVersion(draft, tried.version);
    await assertSecondPerson(ctx, draft);
    const text = { source: draft.source, format: draft.format as DefinitionFormat };
    const checked = await checkSource(tx, ctx.computing, text, { isKept: true });
    if (checked.problems.length > 0) throw new DefinitionInvalid(checked.problems);
    const environments = environmentsUpTo(await firstEnvironment(ctx, draft, input.environment));
    await assertMayCall(tx, ctx, { definition: draft, machine: checked.machine, environments, verb: "publish" });
    assertMayUseSecrets(ctx.viewer, { definition: draft, machine: checked.machine, verb: "publish" });
    assertMayPublishSteps(ctx.viewer, { definition: draft, machine: checked.machine, verb: "publish" });
    const warnings = input.acceptWarnings === true ? [] : await findWarnings(tx, ctx, checked, text);
    if (warnings.length > 0) throw new DefinitionInvalid(warnings.map(withWayOut));
    const published = await markPublished(tx, draft, { publishedBy: ctx.viewer.userId, environments });
    if (!published) throw changedMeanwhile(draft);
    const { key, number, version } = published;
    await appendEvents(tx, ctx.meta, [{ type: "definition.published", subjectId: id, subjectVersion: version, payload: { key, number } }]);
    await writeAudit(tx, ctx.meta, [
      { action: "definition.publish", entityType: "definition", entityId: id, before: draft, after: published },
    ]);
    return published;
  });
}

/**
 * Where a new version is published: where the caller wants it, or everywhere. If `security.publishToDevOnly` is on, only in DEV, so that nothing bypasses
 * the promotion.
 */
async function firstEnvironment(
  ctx: Context,
  { key, number }: DefinitionRow,
  wanted: Environment | null | undefined,
): Promise<Environment> {
  const { security } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  if (!security.publishToDevOnly) return wanted ?? Environment.PROD;
  if ((wanted ?? Environment.DEV) === Environment.DEV) return Environment.DEV;
  const message = `Version ${number} of ${key} cannot be published to ${wanted}: the setting security.publishToDevOnly is on. Publish it to DEV, then promote it with promoteDefinition.`;
  throw new BadUserInput([{ path: "input.environment", message }]);
}

/** Warnings prevent publishing only by default. */
const withWayOut = (warning: EngineProblem): EngineProblem => ({
  ...warning,
  message: `${warning.message} To publish anyway, set acceptWarnings to true.`,
});

interface ChangeOfVersion {
  readonly id: string;
  readonly permission: Permission;
  readonly call: OnceCall;
}

/** Changes a version once per idempotency key. A repeated call returns the current version. */
export function changeOnce(
  ctx: Context,
  { id, permission, call }: ChangeOfVersion,
  change: (tx: Tx) => Promise<DefinitionRow>,
): Promise<Definition> {
  return ctx.inTenant(async (tx) => {
    let changed: DefinitionRow | undefined;
    await once(tx, ctx.meta, call, async () => {
      changed = await change(tx);
      return { id };
    });
    return toDefinition(changed ?? (await getDefinition(tx, ctx, id, permission)));
  });
}

/** Returns one version, if the viewer can see it. */
export function readDefinition(ctx: Context, id: string): Promise<Definition & DefinitionText> {
  return ctx.read(async (tx) => toDefinition(await getDefinition(tx, ctx, id, "definition.read")));
}

/** @throws NotFound, and Conflict if the caller has read a different version */
export async function getDefinition(
  tx: Tx,
  ctx: Context,
  id: string,
  permission: Permission,
  expectedVersion?: number | null,
): Promise<DefinitionRow> {
  const row = await findDefinition(tx, ctx.viewer, id, permission);
  if (!row) throw new NotFound("Definition", encodeId("definition", id));
  assertVersion(row, expectedVersion);
  return row;
}

function assertVersion(row: DefinitionRow, expectedVersion: number | null | undefined): void {
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile(row);
}

export function changedMeanwhile({ key, number, version }: DefinitionRow): Conflict {
  return new Conflict(`Version ${number} of ${key} was changed by another request. Read it again and retry.`, { currentVersion: version });
}

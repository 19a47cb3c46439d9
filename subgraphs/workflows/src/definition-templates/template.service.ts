import { withHead } from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { reachesAll } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { getDefinition } from "../definitions/definition.service.js";
import { DefinitionFormat, toDefinition, toProblem, type Definition, type DefinitionRow } from "../definitions/definition.type.js";
import { readLabels } from "../definitions/labels.js";
import { copiedContent } from "../definitions/life-cycle/clone-definition.service.js";
import { checkSource } from "../definitions/source/check-source.js";
import { addDraft, isTakenKey, newestOfKey } from "../definitions/source/definition-drafts.js";
import { availabilityOf, referencesOf } from "../definitions/source/references.js";
import { spendText } from "../definitions/source/text-budget.js";
import { readNamed, warningsOf } from "../definitions/source/warnings.js";
import { getTemplate, loadLibrary } from "./library.js";
import type { ImportDefinitionTemplateInput } from "./template.input.js";
import { toTemplate, type DefinitionTemplate, type DefinitionTemplatePreview } from "./template.type.js";

/** @throws NotFound */
export const readTemplate = async (key: string): Promise<DefinitionTemplate> => toTemplate(await getTemplate(key));

type Head = { readonly key?: string | null | undefined; readonly name?: string | null | undefined };

/**
 * Returns what importing a template would do. It reads what `importDefinitionTemplate` checks and what `publishDefinition` would warn of, and writes
 * nothing.
 * @throws NotFound, BadUserInput
 */
export async function previewTemplate(ctx: Context, of: string, { key, name }: Head): Promise<Omit<DefinitionTemplatePreview, "existing">> {
  assertHead({ key, name }, "");
  const template = await getTemplate(of);
  const library = await loadLibrary();
  const head = { key: key ?? template.key, name: name ?? template.name };
  const isRenamed = head.key !== template.key || head.name !== template.name;
  const source = isRenamed ? await ctx.computing.run(() => withHead(template.source, "yaml", head)) : template.source;
  spendText(ctx, source);
  return ctx.read(async (tx) => {
    const existing = await newestOfKey(tx, head.key);
    const text = { source, format: DefinitionFormat.YAML };
    const { problems, machine } = await checkSource(tx, ctx.computing, text);
    const inTenant = await readNamed(tx, ctx.viewer, template.machine);
    const warnings = machine ? await warningsOf(ctx.computing, machine, text, inTenant) : [];
    const references = referencesOf(template.machine);
    const isAvailable = await availabilityOf(tx, ctx.viewer, references, inTenant);
    return {
      template: toTemplate(template),
      ...head,
      canImport: existing === null && problems.length === 0,
      isKeyTaken: existing !== null,
      existingId: existing?.id ?? null,
      requirements: references.map((reference) => {
        const provided = reference.kind === "DEFINITION" && library.find(({ key: its }) => its === reference.name);
        return { ...reference, isAvailable: isAvailable(reference), template: provided ? toTemplate(provided) : null };
      }),
      problems: problems.map(toProblem),
      warnings: warnings.map(toProblem),
    };
  });
}

/**
 * Saves a template as the first draft of a key. Unlike `createDefinition`, it never adds a version to a definition that exists: the template is not its
 * next version.
 * @throws NotFound, BadUserInput, DefinitionInvalid, Conflict, LimitExceeded
 */
export async function importTemplate(ctx: Context, { idempotencyKey, ...input }: ImportDefinitionTemplateInput): Promise<Definition> {
  const labels = readLabels(input);
  assertHead(input, "input.");
  const call = { mutation: "importDefinitionTemplate", key: idempotencyKey ?? null, input };
  return ctx.inTenant(async (tx) => {
    let made: DefinitionRow | undefined;
    const { result } = await once(tx, ctx.meta, call, async () => {
      const { key, name, source, version } = await getTemplate(input.template);
      const original = { key, name, source, format: DefinitionFormat.YAML };
      const content = await copiedContent(tx, ctx, original, { key: input.key ?? null, name: input.name ?? null });
      await assertUnused(tx, ctx, content.key);
      made = await addDraft(tx, ctx, { message: `From the template ${key}, version ${version}.`, ...content, ...labels });
      return { id: made.id };
    });
    return toDefinition(made ?? (await getDefinition(tx, ctx, result["id"] ?? "", "definition.create")));
  });
}

function assertHead({ key, name }: Head, path: "" | "input."): void {
  const problems = [...textProblems(`${path}key`, key, { max: 64 }), ...textProblems(`${path}name`, name, { max: 200 })];
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Says what has the key, as far as the viewer can see definitions. */
async function assertUnused(tx: Tx, ctx: Context, key: string): Promise<void> {
  if (!(await isTakenKey(tx, key))) return;
  const newest = reachesAll(ctx.viewer, "definition.read") ? await newestOfKey(tx, key) : null;
  const what = newest ? ` (${quote(newest.name)}, version ${newest.number}, ${newest.status})` : "";
  throw new BadUserInput([
    { path: "input.key", message: `The definition ${quote(key)} already exists${what}. Import the template with another key.` },
  ]);
}

import type { DocumentRequirementContent } from "@weft/drizzle";
import { BadUserInput, Conflict, type Problem, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { wakeWorkers } from "@weft/platform/pubsub";
import { kindProblems } from "./document.service.js";
import { replanDocuments } from "./document.store.js";
import type { SetVendorDocumentRequirementsInput, VendorDocumentRequirementInput } from "./requirement.input.js";
import { lockRequirements, type RequirementsRow, updateRequirements } from "./requirement.store.js";

/** Replaces the documents that vendors must have. Assigned work stays as it is. @throws BadUserInput, Conflict (another version) */
export async function setRequirements(ctx: Context, input: SetVendorDocumentRequirementsInput): Promise<RequirementsRow> {
  assertRequirements(input.requirements);
  const wanted = input.requirements.map(contentOf);
  const { tenantId, userId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    const before = await lockRequirements(tx, tenantId, userId);
    const expected = input.expectedVersion ?? before.version;
    if (expected !== before.version)
      throw new Conflict(`The requirements have version ${before.version}, not ${expected}.`, { currentVersion: before.version });
    const after = await updateRequirements(tx, wanted, userId);
    await replanDocuments(tx);
    const { version } = after;
    await appendEvents(tx, ctx.meta, [
      { type: "vendorDocument.requirements_changed", subjectId: tenantId, subjectVersion: version, payload: { version } },
    ]);
    const action = "vendorDocument.set_requirements";
    await writeAudit(tx, ctx.meta, [{ action, entityType: "tenant", entityId: tenantId, before, after }]);
    return after;
  });
  await wakeWorkers(ctx.services);
  return row;
}

const contentOf = ({ kind, categories, reminderDays }: VendorDocumentRequirementInput): DocumentRequirementContent => ({
  kind,
  categories: [...new Set(categories.map((category) => category.trim()))],
  reminderDays: [...new Set(reminderDays)].toSorted((a, b) => b - a),
});

/** @throws BadUserInput with every problem */
function assertRequirements(requirements: readonly VendorDocumentRequirementInput[]): void {
  const problems = requirements.flatMap((requirement, index) => problemsOf(requirement, `input.requirements.${index}`));
  if (requirements.length > 50)
    problems.push({ path: "input.requirements", message: `At most 50 kinds can be required, not ${requirements.length}.` });
  requirements.forEach(({ kind }, index) => {
    if (requirements.findIndex((each) => each.kind === kind) < index)
      problems.push({
        path: `input.requirements.${index}.kind`,
        message: `${quote(kind)} is required twice. Name its categories together.`,
      });
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}

function problemsOf({ kind, categories, reminderDays }: VendorDocumentRequirementInput, path: string): Problem[] {
  const problems = [
    ...kindProblems(`${path}.kind`, kind),
    ...categories.flatMap((category, i) => textProblems(`${path}.categories.${i}`, category, { max: 60 })),
  ];
  if (categories.length > 50)
    problems.push({ path: `${path}.categories`, message: `Use at most 50 categories, not ${categories.length}.` });
  if (reminderDays.length > 10 || reminderDays.some((days) => days < 1 || days > 365))
    problems.push({ path: `${path}.reminderDays`, message: "Use at most 10 numbers, each from 1 to 365." });
  return problems;
}

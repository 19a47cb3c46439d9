import type { ProjectTemplateContent } from "@weft/drizzle";
import { actorOf, fieldsOfNew, type JsonObject, keyedInput, startInstance } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeIdOrNull, newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { inUnits } from "../money/money-problems.js";
import { getTemplateOfInput, planFromTemplate } from "../project-templates/plan-from-template.service.js";
import { assertStaff } from "../staff/staff.service.js";
import { assertDays, assertProject } from "./project-problems.js";
import { getWritten } from "./project.service.js";
import { insertProject, type ProjectRow } from "./project.store.js";
import { type CreateProjectInput, projectColumns } from "./project.type.js";

/**
 * Creates a project and starts its workflow, and plans it from a template if the input references one, in one transaction.
 * @throws BadUserInput (also if the definition is not published, or does not accept the phases or the budget; an unknown template), Conflict (idempotency key used with different input)
 */
export async function createProject(ctx: Context, input: CreateProjectInput): Promise<ProjectRow> {
  assertProject(input);
  assertDays(input);
  assertFirstDay(input);
  return ctx.inTenant(async (tx) => {
    const keyed = await keyedInput(tx, ctx, "PROJECT", input);
    const id = await createOnce(tx, ctx.meta, { mutation: "createProject", ...keyed }, () => writeProject(ctx, tx, input));
    return getWritten(tx, id);
  });
}

async function writeProject(ctx: Context, tx: Tx, input: CreateProjectInput): Promise<{ id: string }> {
  const id = newId();
  const { tenantId, userId } = ctx.viewer;
  const { startsOn = null } = input;
  const template = input.templateId ? await getTemplateOfInput(tx, input.templateId, "input.templateId") : null;
  const definitionKey = input.definitionKey ?? template?.definitionKey ?? "project";
  const phases = phasesOf(input, template, definitionKey);
  const name = input.name.trim();
  const budget = input.budget ?? null;
  const managerId = decodeIdOrNull("user", input.managerId, "input.managerId") ?? null;
  if (managerId !== null) await assertStaff(tx, managerId, "input.managerId");
  const fields = await fieldsOfNew(tx, ctx, "PROJECT", { id, given: input.fields });
  const instance = await startInstance(tx, ctx.meta, {
    definitionKey,
    data: {
      name,
      ...(budget !== null && { budget: inUnits(budget) }),
      ...(phases.length > 0 && { phases }),
    },
    ownerId: userId,
    subject: { type: "project", id },
    actor: actorOf(ctx.viewer),
  });
  const row = await insertProject(tx, {
    ...projectColumns.plain(input),
    tenantId,
    id,
    managerId,
    instanceId: instance.id,
    budgetAmount: budget?.amount ?? null,
    currency: budget?.currency ?? null,
    ...fields,
    createdBy: userId,
    createdAt: instance.createdAt,
    updatedAt: instance.createdAt,
  });
  const event = { type: "project.created", related: { instance: instance.id }, payload: { code: row.code, name: row.name } } as const;
  await recordChange(tx, ctx.meta, { event, before: null, after: row });
  if (template !== null && startsOn !== null) await planFromTemplate(ctx, tx, template, { projectId: id, day: startsOn });
  return row;
}

/**
 * Returns the phases for the data of the workflow. Those of a template follow each other as they did in its project, unless the input says something else:
 * the phases of another definition need not have the property for it.
 */
function phasesOf(input: CreateProjectInput, template: ProjectTemplateContent | null, definitionKey: string): JsonObject[] {
  const saved = (template?.phases ?? []).map((phase) => (typeof phase === "string" ? { name: phase } : phase));
  const isAsSaved = !input.phases && !input.phaseOrder && template?.definitionKey === definitionKey;
  if (isAsSaved) return saved.map(({ name, after }) => ({ name, ...(after && { after: [...after] }) }));
  const names = input.phases?.map((name) => name.trim()) ?? saved.map(({ name }) => name);
  return names.map((name, at) => {
    const before = input.phaseOrder === "SEQUENTIAL" ? names[at - 1] : undefined;
    return { name, ...(before !== undefined && { after: [before] }) };
  });
}

/** @throws BadUserInput if there is a template, but no day from which its dates count */
function assertFirstDay({ templateId, startsOn }: CreateProjectInput): void {
  if (!templateId || startsOn) return;
  throw new BadUserInput([{ path: "input.startsOn", message: "A project from a template needs a first day. Provide startsOn." }]);
}

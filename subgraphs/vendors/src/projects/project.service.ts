import { vendors as tables } from "@weft/drizzle";
import { actorOf, startInstance } from "@weft/engine";
import { appendEvents, BadUserInput, keysetPage, newId, once, writeAudit, textProblems } from "@weft/shared";
import type { Context, Page, Problem, Tx } from "@weft/shared";
import { and } from "drizzle-orm";
import { ProjectFilter, ProjectOrder } from "./project.filter.js";
import type { CreateProjectInput, ProjectsArgs } from "./project.input.js";
import { countProjects, insertProject, selectProject, selectProjectsSlice, visibleProjects } from "./project.store.js";
import type { ProjectRow } from "./project.store.js";
import { toProject } from "./project.type.js";
import type { Project } from "./project.type.js";

/** Key of the definition of projects. A project uses the version that is the newest published one when it is created. */
const definitionKey = "project";

/**
 * Returns a page of the projects that the viewer can see.
 * @throws BadUserInput if the filter, the page size or a cursor is not valid
 */
export function listProjects(ctx: Context, args: ProjectsArgs): Promise<Page<Project>> {
  const where = and(visibleProjects(ctx.viewer, "project.read"), ProjectFilter.toSql(args.filter));
  return keysetPage(ctx, {
    args,
    list: "projects",
    orderBy: ProjectOrder.resolve(args.orderBy, ["CREATED_AT", "DESC"]),
    id: { column: tables.projects.id, valueOf: (row: ProjectRow) => row.id },
    fetch: (slice) => ctx.read((tx) => selectProjectsSlice(tx, and(where, slice.where), slice)),
    count: () => ctx.read((tx) => countProjects(tx, where)),
    toNode: toProject,
  });
}

/**
 * Creates a project and starts its workflow, in one transaction.
 * @throws BadUserInput (also if no definition `project` is published), Conflict (idempotency key used with different input)
 */
export async function createProject(ctx: Context, input: CreateProjectInput): Promise<ProjectRow> {
  const { idempotencyKey, ...rest } = input;
  assertValid(input);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createProject", key: idempotencyKey, input: { ...rest } }, async () => ({
      projectId: await writeProject(ctx, tx, input),
    }));
    const row = await selectProject(tx, result["projectId"] ?? "");
    if (!row) throw new Error(`The project ${result["projectId"]} was written but cannot be read.`);
    return row;
  });
}

async function writeProject(ctx: Context, tx: Tx, input: CreateProjectInput): Promise<string> {
  const id = newId();
  const { tenantId, userId } = ctx.viewer;
  const name = input.name.trim();
  const budget = input.budget ?? null;
  const instance = await startInstance(tx, ctx.meta, {
    definitionKey,
    data: { name, ...(budget !== null && { budget: Number(budget) }) },
    ownerId: userId,
    subject: { type: "project", id },
    actor: actorOf(ctx.viewer),
  });
  const row = await insertProject(tx, {
    tenantId,
    id,
    code: input.code.trim(),
    name,
    description: input.description,
    instanceId: instance.id,
    budget,
    currency: input.currency ?? null,
    createdBy: userId,
    createdAt: instance.createdAt,
    updatedAt: instance.createdAt,
  });
  await writeAudit(tx, ctx.meta, [{ action: "project.create", entityType: "project", entityId: id, before: null, after: row }]);
  await appendEvents(tx, ctx.meta, [
    { type: "project.created", subjectId: id, subjectVersion: row.version, related: { instance: instance.id }, payload: {} },
  ]);
  return id;
}

function assertValid({ code, name, description, budget, currency }: CreateProjectInput): void {
  const problems: Problem[] = [
    ...textProblems("input.code", code, { max: 40 }),
    ...textProblems("input.name", name, { max: 200 }),
    ...textProblems("input.description", description, { max: 2000, mayBeEmpty: true, hasLines: true }),
  ];
  if (typeof budget === "string" && !/^\d{1,15}(\.\d{1,2})?$/.test(budget)) {
    problems.push({ path: "input.budget", message: "Use an amount with at most two decimal places, for example 12500.00." });
  }
  if (typeof currency === "string" && !/^[A-Z]{3}$/.test(currency)) {
    problems.push({ path: "input.currency", message: "Use a three-letter ISO 4217 code, for example EUR." });
  }
  if (((budget ?? null) === null) !== ((currency ?? null) === null)) {
    problems.push({ path: "input.currency", message: "Provide both budget and currency, or neither." });
  }
  if (problems.length > 0) throw new BadUserInput(problems);
}

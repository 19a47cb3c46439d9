import { loadExampleDefinition } from "@weft/standalone";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";

/** A tenant in which projects can be created. */
export async function aPlanningTenant(weft: SharedWeft): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(await loadExampleDefinition("project"));
  return tenant;
}

let projects = 0;

export async function aProject(admin: TestUser, name = "Lobby"): Promise<string> {
  const input = { code: `P-${++projects}`, name };
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }",
    { input },
  );
  return createProject.project.id;
}

export const createTask = "mutation ($input: CreateProjectTaskInput!) { createProjectTask(input: $input) { projectTask { id } } }";

/** Adds a task of a working day. */
export async function aTask(user: TestUser, projectId: string, name: string, more: object = {}): Promise<string> {
  const input = { projectId, name, durationMinutes: 480, ...more };
  return (await user.run<{ createProjectTask: { projectTask: { id: string } } }>(createTask, { input })).createProjectTask.projectTask.id;
}

/** Adds two tasks to a project: one of the vendor, which depends on another one. A report exists about each. */
export async function newPlannedTasks({
  admin,
  projectId,
  vendor,
}: {
  readonly admin: TestUser;
  readonly projectId: string;
  readonly vendor: { readonly id: string };
}): Promise<void> {
  const hidden = await aTask(admin, projectId, "Design");
  const given = await aTask(admin, projectId, "Build", { assigneeId: vendor.id });
  for (const id of [hidden, given])
    await admin.run("mutation ($input: ReportProjectTaskProgressInput!) { reportProjectTaskProgress(input: $input) { report { id } } }", {
      input: { id, percentComplete: 10 },
    });
  await addDependency(admin, hidden, given);
}

/** Makes a task depend on another one, and returns the ID of the dependency. */
export async function addDependency(user: TestUser, predecessorId: string, successorId: string): Promise<string> {
  const { addTaskDependency } = await user.run<{ addTaskDependency: { dependency: { id: string } } }>(
    "mutation ($input: AddTaskDependencyInput!) { addTaskDependency(input: $input) { dependency { id } } }",
    { input: { predecessorId, successorId } },
  );
  return addTaskDependency.dependency.id;
}

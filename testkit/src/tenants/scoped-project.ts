import type { TestUser } from "../test-user.js";
import { aProject, aTask } from "./project-plan.js";
import { approveScope, aScopeItem } from "./project-scope.js";

export interface ScopedProject {
  readonly id: string;
  /** A task of a day from Monday. */
  readonly build: string;
  /** A scope item. */
  readonly doors: string;
}

/** Creates a project with a task, a last day, and a budget, whose scope is approved. */
export async function aScopedProject(admin: TestUser): Promise<ScopedProject> {
  const id = await aProject(admin);
  const budget = { amount: 1_000_000, currency: "EUR" };
  await admin.run("mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { id } } }", {
    input: { id, endsOn: "2026-03-03", budget },
  });
  await admin.run("mutation ($input: UpdateProjectPlanInput!) { updateProjectPlan(input: $input) { plan { version } } }", {
    input: { projectId: id, startAt: "2026-03-02T09:00:00Z" },
  });
  const build = await aTask(admin, id, "Build");
  const doors = await aScopeItem(admin, id, "Doors");
  await approveScope(admin, id);
  return { id, build, doors };
}

/** Input of a change of everything that a change can write. */
export const changeOfEverything = ({ build, doors }: ScopedProject) => ({
  addedItems: [{ title: "Windows", acceptanceCriteria: ["They close"] }],
  changedItems: [{ id: doors, title: "Wide doors" }],
  endsOn: "2026-03-10",
  budget: { amount: 1_250_050, currency: "EUR" },
  changedTasks: [{ id: build, durationMinutes: 960, estimateMinutes: 1200 }],
  addedTasks: [{ name: "Glaze", durationMinutes: 480, predecessorId: build }],
});

/** Returns everything that a change can write, as the API shows it. */
export async function scopedStateOf(admin: TestUser, id: string): Promise<unknown> {
  const { project } = await admin.run<{ project: unknown }>(
    `query ($id: ID!) { project(id: $id) { version startsOn endsOn budget { amount } plan { version } workflow { version data }
      scopeItems { id title version } scopeVersions { number } baselines { number }
      tasks(first: 50) { edges { node { name durationMinutes estimateMinutes version } } } } }`,
    { id },
  );
  return project;
}

/** Reads fields of a change. */
export async function readScopeChange(admin: TestUser, id: string, fields: string): Promise<unknown> {
  const found = await admin.run<{ scopeChange: unknown }>(`query ($id: ID!) { scopeChange(id: $id) { ${fields} } }`, { id });
  return found.scopeChange;
}

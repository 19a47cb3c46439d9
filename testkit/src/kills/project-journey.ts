import type { TestUser } from "../test-user.js";
import { completeTask, fire, type Stage } from "./stage.js";
import type { Onboarded } from "./vendor-journey.js";

interface Created {
  readonly id: string;
}

/** A project that was created from a template and has started. */
export interface Started {
  readonly id: string;
  readonly instanceId: string;
  /** Its task of two days. */
  readonly buildId: string;
  readonly milestoneId: string;
}

/** Saves a small project as a template. Returns the template's ID. */
async function saveTemplate({ steps, staff: { admin } }: Stage): Promise<string> {
  const { project } = await steps.mutate<{ project: Created }>(admin, "createProject", {
    input: { code: "SHED", name: "Doors of the shed", definitionKey: "phased-project", phases: ["Plan", "Doors"], startsOn: "2026-01-05" },
    returns: "project { id }",
    audit: ["project.create", "workflow.start"],
  });
  const projectId = project.id;
  const task = async (name: string, durationMinutes: number): Promise<string> => {
    const input = { projectId, name, durationMinutes };
    const { projectTask } = await steps.mutate<{ projectTask: Created }>(admin, "createProjectTask", {
      input,
      returns: "projectTask { id }",
      audit: ["projectTask.create"],
    });
    return projectTask.id;
  };
  const [predecessorId, successorId] = [await task("Design", 480), await task("Build", 960)];
  const dependency = { predecessorId, successorId };
  await steps.mutate(admin, "addTaskDependency", { input: dependency, returns: "dependency { id }", audit: ["taskDependency.create"] });
  const milestone = { projectId, name: "Doors open", dueOn: "2026-01-09", taskIds: [successorId] };
  await steps.mutate(admin, "createMilestone", { input: milestone, returns: "milestone { id }", audit: ["milestone.create"] });
  const { template } = await steps.mutate<{ template: Created }>(admin, "saveProjectTemplate", {
    input: { projectId, name: "Doors" },
    returns: "template { id taskCount dependencyCount milestoneCount }",
    audit: ["projectTemplate.create"],
  });
  return template.id;
}

/** Creates a project from a template of a smaller one, and starts its phases. */
export async function startProject(stage: Stage): Promise<Started> {
  const { steps, staff } = stage;
  const templateId = await saveTemplate(stage);
  const budget = { amount: 5_000_000, currency: "EUR" };
  const { project } = await steps.mutate<{ project: Created & { workflow: Created } }>(staff.admin, "createProject", {
    input: { code: "DOORS", name: "Doors of the lobby", templateId, startsOn: "2026-03-02", endsOn: "2026-03-20", budget },
    returns: "project { id workflow { id } }",
    audit: ["project.create", "workflow.start", "projectTask.create", "projectTask.create", "taskDependency.create", "milestone.create"],
  });
  await fire(steps, staff.admin, {
    instanceId: project.workflow.id,
    transition: "start",
    audit: ["workflow.fire", "workflow.start", "workflow.start"],
  });
  const { project: planned } = await staff.admin.run<{ project: { milestones: { edges: { node: Created }[] } } }>(
    "query ($id: ID!) { project(id: $id) { milestones { edges { node { id } } } } }",
    { id: project.id },
  );
  const buildId = (await tasksOf(staff.admin, project.id)).get("Build");
  const milestoneId = planned.milestones.edges[0]?.node.id;
  if (buildId === undefined || milestoneId === undefined) throw new Error("The project has not all that its template has.");
  return { id: project.id, instanceId: project.workflow.id, buildId, milestoneId };
}

/** Returns the IDs of the tasks of a project by their names. */
async function tasksOf(user: TestUser, id: string): Promise<Map<string, string>> {
  const { project } = await user.run<{ project: { tasks: { edges: { node: { id: string; name: string } }[] } } }>(
    "query ($id: ID!) { project(id: $id) { tasks { edges { node { id name } } } } }",
    { id },
  );
  return new Map(project.tasks.edges.map(({ node }) => [node.name, node.id]));
}

/** Assigns the vendor to the project and to its main task. */
export async function assignVendor({ steps, staff }: Stage, { id: projectId, buildId }: Started, vendor: Onboarded): Promise<void> {
  const vendors = "query ($id: ID!) { project(id: $id) { version vendors { vendor { id } } } }";
  await steps.take({ name: "assignProjectVendor", audit: ["projectVendor.assign"] }, async () => {
    const { project } = await staff.admin.run<{ project: { version: number; vendors: unknown[] } }>(vendors, { id: projectId });
    if (project.vendors.length > 0) return;
    const input = { projectId, vendorId: vendor.id, role: "Doors", expectedVersion: project.version };
    await staff.admin.run("mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
      input,
    });
  });
  const assignee = "query ($id: ID!) { projectTask(id: $id) { version assigneeVendor { id } } }";
  await steps.take({ name: "updateProjectTask", audit: ["projectTask.update"] }, async () => {
    const { projectTask } = await staff.admin.run<{ projectTask: { version: number; assigneeVendor: Created | null } }>(assignee, {
      id: buildId,
    });
    if (projectTask.assigneeVendor !== null) return;
    const input = { id: buildId, assigneeId: vendor.id, expectedVersion: projectTask.version };
    await staff.admin.run("mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }", {
      input,
    });
  });
}

/** The scope is approved, and changed once, with later dates and a greater budget. Operations and the manager decide. */
export async function changeScope({ steps, staff }: Stage, { id: projectId, buildId }: Started): Promise<void> {
  const { scopeItem } = await steps.mutate<{ scopeItem: Created }>(staff.admin, "createScopeItem", {
    input: { projectId, title: "Automatic doors", acceptanceCriteria: ["They open within two seconds"] },
    returns: "scopeItem { id }",
    audit: ["scopeItem.create"],
  });
  await steps.mutate(staff.manager, "approveScope", {
    input: { id: projectId },
    returns: "scopeVersion { number hash }",
    audit: ["scope.approve"],
  });
  const { scopeChange } = await steps.mutate<{ scopeChange: { workflow: Created } }>(staff.admin, "proposeScopeChange", {
    input: {
      projectId,
      reason: "The client also wants a revolving door.",
      addedItems: [{ title: "Revolving door" }],
      changedItems: [{ id: scopeItem.id, title: "Wide automatic doors" }],
      endsOn: "2026-03-31",
      budget: { amount: 7_500_000, currency: "EUR" },
      changedTasks: [{ id: buildId, durationMinutes: 1440 }],
      addedTasks: [{ name: "Test the doors", durationMinutes: 480, predecessorId: buildId }],
    },
    returns: "scopeChange { id number workflow { id } }",
    audit: ["scopeChange.propose", "workflow.start"],
  });
  const { id: instanceId } = scopeChange.workflow;
  await fire(steps, staff.operations, { instanceId, transition: "approve", audit: ["workflow.fire", "workflow.fire"] });
  await fire(steps, staff.manager, {
    instanceId,
    transition: "approve",
    audit: [
      "workflow.fire",
      "workflow.changeData",
      "scopeChange.apply",
      "project.update",
      "projectTask.update",
      "projectTask.create",
      "taskDependency.create",
      "projectBaseline.create",
    ],
  });
}

/** The tasks are done, that of the vendor by its person. Then the milestone can be reached. */
export async function reachMilestone({ steps, staff }: Stage, { id, milestoneId }: Started, { person }: Onboarded): Promise<void> {
  const ids = await tasksOf(staff.admin, id);
  const report = (who: TestUser, task: string, progress: object): Promise<unknown> => {
    const input = { id: ids.get(task), workedMinutes: 480, ...progress };
    return steps.mutate(who, "reportProjectTaskProgress", { input, returns: "report { id }", audit: ["projectTask.report_progress"] });
  };
  const done = (day: string) => ({ percentComplete: 100, finishedAt: `${day}T17:00:00Z` });
  await report(staff.admin, "Design", { startedAt: "2026-03-02T09:00:00Z", ...done("2026-03-02") });
  await report(person, "Build", { startedAt: "2026-03-03T09:00:00Z", percentComplete: 50 });
  await report(person, "Build", done("2026-03-05"));
  await report(staff.admin, "Test the doors", { startedAt: "2026-03-06T09:00:00Z", ...done("2026-03-06") });
  const { milestone } = await steps.mutate<{ milestone: { workflow: { tasks: TaskWithChecklist[] } } }>(staff.admin, "submitMilestone", {
    input: { id: milestoneId },
    returns: "milestone { id status workflow { tasks { id checklist { key } } } }",
    audit: ["milestone.submit", "workflow.start"],
  });
  const [review] = milestone.workflow.tasks;
  if (review === undefined) throw new Error("The review has no task.");
  for (const { key: itemKey } of review.checklist) {
    const input = { id: review.id, itemKey };
    await steps.mutate(staff.manager, "updateChecklistItem", {
      input,
      returns: "task { id version }",
      audit: ["task.updateChecklistItem"],
    });
  }
  await completeTask(steps, staff.manager, { id: review.id, transition: "approve", audit: ["workflow.fire", "milestone.reach"] });
}

interface TaskWithChecklist extends Created {
  readonly checklist: readonly { readonly key: string }[];
}

/** Operations finish both phases, and the manager accepts the project. */
export async function closeProject({ steps, staff }: Stage, { id: projectId, instanceId }: Started): Promise<void> {
  const phases = "query ($id: ID!) { project(id: $id) { phases { workflow { tasks { id } } } } }";
  const { project } = await staff.operations.run<{ project: { phases: { workflow: { tasks: Created[] } }[] } }>(phases, { id: projectId });
  const ended = ["workflow.fire", "workflow.endChild"];
  for (const [index, { workflow }] of project.phases.entries()) {
    const id = workflow.tasks[0]?.id ?? "";
    // After the last phase, the project continues.
    const audit = index === project.phases.length - 1 ? [...ended, "workflow.fire"] : ended;
    await completeTask(steps, staff.operations, { id, transition: "finish", input: { cost: 1200 }, audit });
  }
  await fire(steps, staff.manager, { instanceId, transition: "accept", audit: ["workflow.fire"] });
}

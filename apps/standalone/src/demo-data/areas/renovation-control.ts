import { dateIn } from "../dates.js";
import type { Stage } from "../stage.js";
import { type PlannedCost, plannedMilestones, scopeItems, type Vendors } from "./renovation-plan.js";

/** Assigns the vendors to the project, with their roles. */
export async function assignVendors(stage: Stage, projectId: string, vendors: Vendors): Promise<void> {
  for (const [vendorId, role] of [
    [vendors.builder, "Construction"],
    [vendors.lifts, "Elevators"],
  ])
    await stage
      .as("manager")
      .api.run("mutation DemoProjectVendor($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
        input: { projectId, vendorId, role },
      });
}

/** Keeps the first plan as the baseline, and has the scope approved. */
export async function approveScope(stage: Stage, projectId: string): Promise<void> {
  const { api } = stage.as("manager");
  await api.run("mutation DemoBaseline($input: SetProjectBaselineInput!) { setProjectBaseline(input: $input) { baseline { id } } }", {
    input: { projectId, name: "Plan at the start" },
  });
  for (const item of scopeItems)
    await api.run("mutation DemoScopeItem($input: CreateScopeItemInput!) { createScopeItem(input: $input) { scopeItem { id } } }", {
      input: { projectId, ...item },
    });
  await api.run("mutation DemoScope($id: ID!) { approveScope(input: { id: $id }) { scopeVersion { number } } }", { id: projectId });
}

/** @returns IDs by name */
export async function planMilestones(
  stage: Stage,
  projectId: string,
  taskIds: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const { name, dueIn, tasks } of plannedMilestones) {
    const { createMilestone } = await stage
      .as("manager")
      .api.run<{ createMilestone: { milestone: { id: string } } }>(
        "mutation DemoMilestone($input: CreateMilestoneInput!) { createMilestone(input: $input) { milestone { id } } }",
        { input: { projectId, name, dueOn: dateIn(dueIn), taskIds: tasks.map((task) => taskIds.get(task)) } },
      );
    ids.set(name, createMilestone.milestone.id);
  }
  return ids;
}

/** The manager submits a milestone, and an approver checks that it is reached. */
export async function reachMilestone(stage: Stage, id: string | undefined): Promise<void> {
  const { submitMilestone } = await stage
    .as("manager")
    .api.run<{ submitMilestone: { milestone: { workflow: { id: string } } } }>(
      "mutation DemoReach($input: KeyedVersionedIdInput!) { submitMilestone(input: $input) { milestone { workflow { id } } } }",
      { input: { id } },
    );
  const approver = stage.as("approver");
  const review = submitMilestone.milestone.workflow.id;
  for (const item of ["Results checked", "Open points recorded"]) await approver.checkItem(review, item);
  await approver.complete(review, "approve");
}

interface Paid {
  readonly projectId: string;
  readonly vendors: Vendors;
  readonly daysAgo: number;
}

export async function recordCost(
  stage: Stage,
  { vendor, amount, category, note }: PlannedCost,
  { projectId, vendors, daysAgo }: Paid,
): Promise<void> {
  await stage
    .as("manager")
    .api.run("mutation DemoCost($input: RecordProjectCostInput!) { recordProjectCost(input: $input) { cost { id } } }", {
      input: {
        projectId,
        amount: { amount, currency: "EUR" },
        category,
        note,
        spentOn: dateIn(-daysAgo),
        ...(vendor && { vendorId: vendors[vendor] }),
      },
    });
}

/** Records what was decided about the builder, and what could go wrong. */
export async function decideOnBuilder(stage: Stage, projectId: string, daysAgo: number): Promise<void> {
  const manager = stage.as("manager");
  await manager.api.run(
    "mutation DemoDecision($input: CreateProjectDecisionInput!) { createProjectDecision(input: $input) { decision { id } } }",
    {
      input: {
        projectId,
        title: "Builder",
        decision: "Stonebridge Construction does all of the construction work.",
        reason: "One contract for shell and fit-out. The two other offers were more expensive and started later.",
        decidedOn: dateIn(-daysAgo),
      },
    },
  );
  await manager.api.run("mutation DemoRisk($input: CreateProjectRiskInput!) { createProjectRisk(input: $input) { risk { id } } }", {
    input: {
      projectId,
      title: "The second elevator is delivered late",
      probability: 3,
      impact: 4,
      mitigation: "Weekly call with the factory. The existing elevator stays in use until the new one is approved.",
      ownerId: stage.as("technical").id,
    },
  });
}

/** Proposes a change of the scope that waits for its approval. */
export async function proposeRoof(stage: Stage, projectId: string, taskIds: ReadonlyMap<string, string>): Promise<void> {
  await stage
    .as("manager")
    .api.run("mutation DemoChange($input: ProposeScopeChangeInput!) { proposeScopeChange(input: $input) { scopeChange { status } } }", {
      input: {
        projectId,
        reason: "Rain would reach the stone floor through the opening to the courtyard.",
        addedItems: [{ title: "Glass roof above the courtyard doors", acceptanceCriteria: ["No water on the floor in heavy rain"] }],
        addedTasks: [
          {
            name: "Glass roof",
            durationMinutes: 5 * 480,
            estimateMinutes: 5 * 480,
            predecessorId: taskIds.get("New opening to the courtyard"),
          },
        ],
        budget: { amount: 50_400_000, currency: "EUR" },
      },
    });
}

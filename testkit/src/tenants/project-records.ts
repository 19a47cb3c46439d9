import type { TestUser } from "../test-user.js";

/** A definition `milestone-approval` with which everybody decides alone. */
export const milestoneApproval = `weft: 1
key: milestone-approval
name: Milestone approval
data:
  type: object
  required: [name]
  properties:
    name: { type: string }
    project: { type: string }
    dueOn: { type: string, format: date }
initial: review
states:
  review:
    transitions:
      approve: { to: reached }
      refuse: { to: refused, comment: required }
  reached: { final: completed }
  refused: { final: rejected }
`;

type Input = Readonly<Record<string, unknown>>;

/** Creates a milestone of a project, and returns its ID. */
export async function newMilestone(user: TestUser, projectId: string, input: Input = {}): Promise<string> {
  const { createMilestone } = await user.run<{ createMilestone: { milestone: { id: string } } }>(
    "mutation ($input: CreateMilestoneInput!) { createMilestone(input: $input) { milestone { id } } }",
    { input: { projectId, name: "Opening", dueOn: "2026-06-30", ...input } },
  );
  return createMilestone.milestone.id;
}

/** Submits a milestone, and returns the ID of its review. */
export async function submitMilestone(user: TestUser, id: string): Promise<string> {
  const { submitMilestone: submitted } = await user.run<{ submitMilestone: { milestone: { workflow: { id: string } } } }>(
    "mutation ($id: ID!) { submitMilestone(input: { id: $id }) { milestone { workflow { id } } } }",
    { id },
  );
  return submitted.milestone.workflow.id;
}

/** Records a cost of a project, and returns its ID. */
export async function newProjectCost(user: TestUser, projectId: string, amount: number, input: Input = {}): Promise<string> {
  const { recordProjectCost } = await user.run<{ recordProjectCost: { cost: { id: string } } }>(
    "mutation ($input: RecordProjectCostInput!) { recordProjectCost(input: $input) { cost { id } } }",
    { input: { projectId, amount: { amount, currency: "EUR" }, spentOn: "2026-03-02", category: "MATERIAL", ...input } },
  );
  return recordProjectCost.cost.id;
}

/** Adds a risk to a project, and returns its ID. */
export async function newProjectRisk(user: TestUser, projectId: string, input: Input = {}): Promise<string> {
  const { createProjectRisk } = await user.run<{ createProjectRisk: { risk: { id: string } } }>(
    "mutation ($input: CreateProjectRiskInput!) { createProjectRisk(input: $input) { risk { id } } }",
    { input: { projectId, title: "Late delivery", probability: 3, impact: 3, ...input } },
  );
  return createProjectRisk.risk.id;
}

/** Records a decision of a project, and returns its ID. */
export async function newProjectDecision(user: TestUser, projectId: string, input: Input = {}): Promise<string> {
  const { createProjectDecision } = await user.run<{ createProjectDecision: { decision: { id: string } } }>(
    "mutation ($input: CreateProjectDecisionInput!) { createProjectDecision(input: $input) { decision { id } } }",
    { input: { projectId, title: "Floor", decision: "Stone", decidedOn: "2026-03-02", ...input } },
  );
  return createProjectDecision.decision.id;
}

/** Saves the plan of a project as a template, and returns its ID. */
export async function newProjectTemplate(user: TestUser, projectId: string, name: string): Promise<string> {
  const { saveProjectTemplate } = await user.run<{ saveProjectTemplate: { template: { id: string } } }>(
    "mutation ($input: SaveProjectTemplateInput!) { saveProjectTemplate(input: $input) { template { id } } }",
    { input: { projectId, name } },
  );
  return saveProjectTemplate.template.id;
}

/** Adds one record of each kind to a project, and saves it as a template. */
export async function newProjectRecords(user: TestUser, projectId: string): Promise<void> {
  await newMilestone(user, projectId);
  await newProjectCost(user, projectId, 100);
  await newProjectRisk(user, projectId);
  await newProjectDecision(user, projectId);
  await newProjectTemplate(user, projectId, "Renovation");
}

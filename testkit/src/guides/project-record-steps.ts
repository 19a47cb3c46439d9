import { expect } from "vitest";
import { aTask } from "../tenants/project-plan.js";
import { milestoneApproval } from "../tenants/project-records.js";
import type { TestTenant } from "../test-tenant.js";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

interface GuideProject {
  readonly id: string;
  readonly workflow: { readonly id: string };
}

export const lobbyProject = (tenant: TestTenant): Promise<GuideProject> => projectOf(tenant, "LOBBY");

/** Returns the project of the page with this code. */
export async function projectOf({ admin }: TestTenant, code: string): Promise<GuideProject> {
  const { projects } = await admin.run<{ projects: { edges: { node: GuideProject }[] } }>(
    "query ($code: String!) { projects(filter: { code: { eq: $code } }) { edges { node { id workflow { id } } } } }",
    { code },
  );
  const [edge] = projects.edges;
  if (edge === undefined) throw new Error(`The page has created no project ${code}.`);
  return edge.node;
}

async function milestoneOf({ admin }: TestTenant): Promise<string> {
  const { milestones } = await admin.run<{ milestones: { edges: { node: { id: string } }[] } }>("{ milestones { edges { node { id } } } }");
  return milestones.edges[0]?.node.id ?? "";
}

/** Steps of the project page about milestones, costs, risks, decisions, health, and templates. */
export const projectRecordSteps: readonly Step<ApiStage>[] = [
  async (mutation, { tenant }) => {
    await tenant.definition(milestoneApproval);
    const projectId = (await lobbyProject(tenant)).id;
    const taskId = await aTask(tenant.admin, projectId, "Lay the floor");
    expect(await tenant.admin.run(mutation, { projectId, taskId })).toMatchObject({
      createMilestone: { milestone: { status: "PLANNED", dueOn: "2026-06-30", version: 1, tasks: [{ name: "Lay the floor" }] } },
    });
  },
  async (mutation, { tenant }) => {
    const id = await milestoneOf(tenant);
    expect((await tenant.admin.refused(mutation, { id })).message).toContain('"Lay the floor"');
    const { milestone } = await tenant.admin.run<{ milestone: { tasks: { id: string }[] } }>(
      "query ($id: ID!) { milestone(id: $id) { tasks { id } } }",
      { id },
    );
    await tenant.admin.run(
      "mutation ($id: ID!) { reportProjectTaskProgress(input: { id: $id, percentComplete: 100 }) { report { id } } }",
      milestone.tasks[0],
    );
    expect(await tenant.admin.run(mutation, { id })).toMatchObject({ submitMilestone: { milestone: { status: "IN_REVIEW" } } });
  },
  async (query, { tenant }) => {
    expect(await tenant.admin.run(query)).toMatchObject({
      milestones: { edges: [{ node: { name: "Floor is laid", dueOn: "2026-06-30", project: { code: "LOBBY" } } }] },
    });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation, { projectId: (await lobbyProject(tenant)).id })).toMatchObject({
      recordProjectCost: { project: { actual: { amount: 1_250_000 }, budgetRemaining: { amount: 28_750_000 } } },
    });
  },
  async (mutation, { tenant }) => {
    const { project } = await tenant.admin.run<{ project: { costs: { edges: { node: { id: string } }[] } } }>(
      "query ($id: ID!) { project(id: $id) { costs { edges { node { id } } } } }",
      { id: (await lobbyProject(tenant)).id },
    );
    const id = project.costs.edges[0]?.node.id;
    expect(await tenant.admin.run(mutation, { id })).toEqual({
      correctProjectCost: { cost: { amount: { amount: 1_350_000 }, correctsId: id }, project: { actual: { amount: 1_350_000 } } },
    });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation, { projectId: (await lobbyProject(tenant)).id })).toMatchObject({
      createProjectRisk: { risk: { score: 16 } },
      createProjectDecision: { decision: { id: expect.stringMatching(/^pdc_/) as string } },
    });
  },
  async (query, { tenant }) => {
    const { projects } = await tenant.admin.run<{ projects: { edges: { node: { code: string } }[] } }>(query);
    expect(projects.edges.find(({ node }) => node.code === "LOBBY")).toMatchObject({
      node: {
        progress: { percentComplete: 100 },
        health: { reasons: expect.arrayContaining([expect.objectContaining({ rule: "RISKS" })]) as unknown },
      },
    });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation, { projectId: (await lobbyProject(tenant)).id })).toMatchObject({
      saveProjectTemplate: { template: { taskCount: 1, milestoneCount: 1 } },
    });
  },
  async (mutation, { tenant }) => {
    const { projectTemplates } = await tenant.admin.run<{ projectTemplates: { edges: { node: { id: string } }[] } }>(
      "{ projectTemplates { edges { node { id } } } }",
    );
    expect(await tenant.admin.run(mutation, { templateId: projectTemplates.edges[0]?.node.id })).toEqual({
      createProject: { project: { code: "LOBBY-2", milestones: { edges: [{ node: { name: "Floor is laid", dueOn: "2027-06-30" } }] } } },
    });
    // The last block of the page deletes the first project.
    const review = await tenant.admin.run<{ milestone: { workflow: { id: string } } }>(
      "query ($id: ID!) { milestone(id: $id) { workflow { id } } }",
      { id: await milestoneOf(tenant) },
    );
    await tenant.admin.run(
      'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { id } } }',
      review.milestone.workflow,
    );
  },
];

import { seedOperations } from "../../seed/seed-operations.js";
import type { DemoArea } from "../area.js";
import { dateIn } from "../dates.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";
import { phasesOf } from "./phases.js";
import {
  approveScope,
  assignVendors,
  decideOnBuilder,
  planMilestones,
  proposeRoof,
  reachMilestone,
  recordCost,
} from "./renovation-control.js";
import { plannedCosts, type PlannedTask, renovationPlan, type Vendors, type Worker } from "./renovation-plan.js";
import { completeBuilder } from "./vendor-records.js";

/** Working minutes of a day. */
const dayMinutes = 480;

/** When the project was created, in days before today. */
const made = 58;

/** A large project: four phases, twenty-five tasks, two vendors, a contract and a change of the scope that wait for their approval. */
export const renovation: DemoArea = { name: "renovation", stories: (stage) => [renovate(stage), apply(stage)] };

async function* renovate(stage: Stage): Story {
  const [admin, manager] = [stage.as("admin").api, stage.as("manager")];
  yield made;
  const { createVendor: builder } = await admin.run<{ createVendor: { vendor: { id: string } } }>(seedOperations.createVendor, {
    input: {
      code: "STONEBRIDGE",
      name: "Stonebridge Construction",
      email: "office@stonebridge.example",
      categories: ["construction", "flooring"],
    },
  });
  const vendors = { builder: builder.vendor.id, lifts: stage.vendorId };
  const { createProject } = await admin.run<{ createProject: { project: { id: string; workflow: { id: string } } } }>(
    "mutation DemoRenovation($input: CreateProjectInput!) { createProject(input: $input) { project { id workflow { id } } } }",
    {
      input: {
        code: "RENO",
        name: "Renovation of the headquarters",
        description: "A new lobby with a second elevator, and an opening to the courtyard. The offices stay open.",
        definitionKey: "phased-project",
        phases: renovationPlan.map(({ name }) => name),
        startsOn: dateIn(-made),
        endsOn: dateIn(62),
        managerId: manager.id,
        budget: { amount: 48_000_000, currency: "EUR" },
      },
    },
  );
  const { id: projectId, workflow } = createProject.project;
  for (const [login, role] of [
    ["technical", "MEMBER"],
    ["operations", "MEMBER"],
    ["approver", "OBSERVER"],
  ] as const)
    await admin.run("mutation DemoMember($input: AddProjectMemberInput!) { addProjectMember(input: $input) { project { id } } }", {
      input: { projectId, userId: stage.as(login).id, role },
    });
  const tasks = await planTasks(stage, projectId, vendors);
  await assignVendors(stage, projectId, vendors);
  await approveScope(stage, projectId);
  const milestones = await planMilestones(stage, projectId, tasks);
  await completeBuilder(stage, vendors.builder);

  yield made - 2;
  await manager.fire(workflow.id, "start");
  await manager.comment(workflow.id, "The tenants of floor 1 have been informed. Noise only before 9 a.m.");
  // One report per task, in the order of the plan.
  const reports = renovationPlan.flatMap((phase) => phase.tasks).filter(({ done }) => done !== undefined);
  for (const [index, task] of reports.entries()) {
    const daysAgo = made - 4 - ((made - 6) * index) / reports.length;
    yield daysAgo;
    await report(stage, { id: tasks.get(task.name) ?? "", task });
    for (const cost of plannedCosts.filter(({ reported }) => reported === task.name))
      await recordCost(stage, cost, { projectId, vendors, daysAgo });
    if (task.name === "Building permit") {
      await finishFirstPhase(stage, workflow.id);
      await reachMilestone(stage, milestones.get("Building permit granted"));
    }
    if (task.name === "Offers of builders") {
      await decideOnBuilder(stage, projectId, daysAgo);
      await signContract(stage, { projectId, vendorId: vendors.builder });
    }
  }
  yield 3;
  await proposeRoof(stage, projectId, tasks);
}

/** Creates the tasks in the order of the plan, so that the tasks before a task exist. @returns their IDs by name */
async function planTasks(stage: Stage, projectId: string, vendors: Vendors): Promise<Map<string, string>> {
  const { api } = stage.as("manager");
  const ids = new Map<string, string>();
  const create = async (input: Readonly<Record<string, unknown>>): Promise<string> => {
    const { createProjectTask } = await api.run<{ createProjectTask: { projectTask: { id: string } } }>(
      "mutation DemoTask($input: CreateProjectTaskInput!) { createProjectTask(input: $input) { projectTask { id } } }",
      { input: { projectId, ...input } },
    );
    return createProjectTask.projectTask.id;
  };
  for (const phase of renovationPlan) {
    const parentId = await create({ name: phase.name, durationMinutes: 0 });
    for (const { name, days, by, after = [] } of phase.tasks) {
      const durationMinutes = days * dayMinutes;
      const assigned = by === undefined ? {} : { assigneeId: assigneeOf(stage, by, vendors) };
      const id = await create({ parentId, name, durationMinutes, estimateMinutes: durationMinutes, ...assigned });
      ids.set(name, id);
      for (const one of after)
        await api.run(
          "mutation DemoDependency($input: AddTaskDependencyInput!) { addTaskDependency(input: $input) { dependency { id } } }",
          { input: { predecessorId: ids.get(one), successorId: id } },
        );
    }
  }
  return ids;
}

const assigneeOf = (stage: Stage, by: Worker, vendors: Vendors): string => ("vendor" in by ? vendors[by.vendor] : stage.as(by.login).id);

async function report(stage: Stage, { id, task }: { readonly id: string; readonly task: PlannedTask }): Promise<void> {
  await stage
    .as("operations")
    .api.run(
      "mutation DemoReport($input: ReportProjectTaskProgressInput!) { reportProjectTaskProgress(input: $input) { report { id } } }",
      { input: { id, percentComplete: task.done, workedMinutes: Math.round((task.days * dayMinutes * (task.done ?? 0)) / 100) } },
    );
}

async function finishFirstPhase(stage: Stage, instanceId: string): Promise<void> {
  const [first] = await phasesOf(stage.as("manager"), instanceId);
  if (first === undefined) throw new Error("The renovation started without its phases.");
  await stage.as("operations").complete(first, "finish", { input: { cost: 31_500 } });
}

/** Sends the contract with the builder to its approval, in which the legal team is the first. */
async function signContract(stage: Stage, of: { readonly projectId: string; readonly vendorId: string }): Promise<void> {
  const { api } = stage.as("admin");
  const { createContract } = await api.run<{ createContract: { contract: { id: string } } }>(
    "mutation DemoContract($input: CreateContractInput!) { createContract(input: $input) { contract { id } } }",
    {
      input: {
        ...of,
        kind: "SERVICE",
        title: "Construction work in the lobby",
        amount: { amount: 31_800_000, currency: "EUR" },
        startsOn: dateIn(5),
        endsOn: dateIn(62),
        noticeDays: 14,
        obligations: [
          { text: "Proof of insurance", party: "CONTRACTOR", dueOn: dateIn(4) },
          { text: "Report of progress", party: "CONTRACTOR", dueOn: dateIn(20), everyMonths: 1 },
        ],
        terms: "The builder keeps the entrance open on working days. Defects are repaired within ten working days.",
        ownerNotes: "Two other offers were more expensive.",
      },
    },
  );
  await api.run("mutation DemoSubmitContract($input: KeyedVersionedIdInput!) { submitContract(input: $input) { contract { status } } }", {
    input: { id: createContract.contract.id },
  });
}

/** A vendor whose documents are being checked: it gets no work yet. */
async function* apply(stage: Stage): Story {
  const admin = stage.as("admin");
  yield 6;
  const { createVendor } = await admin.api.run<{ createVendor: { vendor: { onboarding: { id: string } } } }>(
    "mutation DemoOnboarding($input: CreateVendorInput!) { createVendor(input: $input) { vendor { onboarding { id } } } }",
    {
      input: {
        code: "BRIGHTSIDE",
        name: "Brightside Electric",
        email: "hello@brightside.example",
        categories: ["electrical"],
        onboard: true,
      },
    },
  );
  yield 4;
  await admin.fire(createVendor.vendor.onboarding.id, "submit", { input: { taxId: "DE812345678" } });
}

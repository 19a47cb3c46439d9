import { randomInt } from "node:crypto";
import { demoPassword } from "@weft/shared/demo";
import { brokenInvariants, loadExampleDefinition, TestUser } from "@weft/testkit";
import { killedSteps } from "@weft/testkit/kills/killed-steps";
import { assignVendor, changeScope, closeProject, reachMilestone, startProject } from "@weft/testkit/kills/project-journey";
import type { Stage } from "@weft/testkit/kills/stage";
import { completeFirstAssignment, onboardVendor, type Onboarded } from "@weft/testkit/kills/vendor-journey";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedOperations } from "../seed/seed-operations.js";

// Five people of two companies go through the onboarding of a vendor and a project. In each group of five
// consecutive steps, the server is killed during one.

const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));

let database: OwnPostgres;
let ownerUrl: string;
let sql: postgres.Sql;
let weft: StandaloneProcess;
let stage: Stage;
let vendor: Onboarded;

/** In the demo organization without service levels. */
const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@globex.com`, demoPassword(`${name}@globex.com`));

/** Publishes an example. Its approvers are users with the given role. */
async function publish(admin: TestUser, name: string, approver = "approver"): Promise<void> {
  const source = (await loadExampleDefinition(name)).replaceAll("approver", approver);
  const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(seedOperations.createDefinition, {
    input: { source },
  });
  await admin.run(seedOperations.publishDefinition, { input: { id: createDefinition.definition.id, acceptWarnings: true } });
}

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  const admin = await login("admin");
  const staff = { admin, operations: await login("operations"), manager: await login("manager"), requester: await login("requester") };
  for (const name of ["project-phase", "phased-project"]) await publish(admin, name);
  await publish(admin, "scope-change-approval", "operations");
  await publish(admin, "milestone-approval", "workflow_manager");
  stage = { steps: await killedSteps(weft, sql, seed), url: weft.url, dataDir: weft.env["WEFT_DATA_DIR"] ?? "", staff };
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
  console.log(`seed ${seed}, ${stage.steps.kills.length} kills:\n${stage.steps.kills.join("\n")}`);
}, 120_000);

test("a vendor is invited, registers, is approved, and completes its first assignment", { timeout: 300_000 }, async () => {
  vendor = await onboardVendor(stage);
  await completeFirstAssignment(stage, vendor);
  const { id } = vendor;
  expect(
    await stage.staff.admin.run(
      `query ($id: ID!) { vendor(id: $id) { status users { email status } missingDocuments { kind }
        documents { edges { node { kind status } } } ratings { edges { node { stars comment } } } }
        vendorPerformance(vendorId: $id) { figures { name value count } } }`,
      { id },
    ),
  ).toMatchObject({
    vendor: {
      status: "ACTIVE",
      users: [{ email: "sara@bright.example", status: "ACTIVE" }],
      missingDocuments: [],
      documents: { edges: [{ node: { kind: "INSURANCE", status: "ACCEPTED" } }] },
      ratings: { edges: [{ node: { stars: 5, comment: "On time" } }] },
    },
    vendorPerformance: {
      figures: expect.arrayContaining([
        expect.objectContaining({ name: "COMPLETED", value: 1 }),
        expect.objectContaining({ name: "RATING", value: 5, count: 1 }),
      ]) as unknown,
    },
  });
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

test("a project is created from a template, its scope is changed, and it is closed", { timeout: 300_000 }, async () => {
  const project = await startProject(stage);
  await assignVendor(stage, project, vendor);
  await changeScope(stage, project);
  await reachMilestone(stage, project, vendor);
  await closeProject(stage, project);
  const done = { status: "DONE", assigneeVendor: null };
  expect(
    await stage.staff.admin.run(
      `query ($id: ID!) { project(id: $id) { state status startsOn endsOn progress { percentComplete } budget { amount currency }
        scopeVersions { number endsOn budget { amount } isHashValid items { title } }
        baselines { number scopeNumber budget { amount } startAt finishAt workMinutes }
        milestones { edges { node { name status } } } vendors { vendor { id } } phases { name status }
        tasks { edges { node { name durationMinutes status assigneeVendor { id } reports { totalCount } } } } }
        scopeChanges(filter: { project: { eq: $id } }) { edges { node { status appliedNumber } } } }`,
      { id: project.id },
    ),
  ).toEqual({
    project: {
      state: "accepted",
      status: "COMPLETED",
      startsOn: "2026-03-02",
      endsOn: "2026-03-31",
      progress: { percentComplete: 100 },
      budget: { amount: 7_500_000, currency: "EUR" },
      scopeVersions: [
        {
          number: 2,
          endsOn: "2026-03-31",
          budget: { amount: 7_500_000 },
          isHashValid: true,
          items: [{ title: "Wide automatic doors" }, { title: "Revolving door" }],
        },
        { number: 1, endsOn: "2026-03-20", budget: { amount: 5_000_000 }, isHashValid: true, items: [{ title: "Automatic doors" }] },
      ],
      // Five days: one of design, three instead of two of building, and one of tests.
      baselines: [
        {
          number: 1,
          scopeNumber: 2,
          budget: { amount: 7_500_000 },
          startAt: "2026-03-02T00:00:00.000Z",
          finishAt: "2026-03-06T17:00:00.000Z",
          workMinutes: 2400,
        },
      ],
      milestones: { edges: [{ node: { name: "Doors open", status: "REACHED" } }] },
      vendors: [{ vendor: { id: vendor.id } }],
      phases: [
        { name: "Plan", status: "COMPLETED" },
        { name: "Doors", status: "COMPLETED" },
      ],
      tasks: {
        edges: [
          { node: { ...done, name: "Design", durationMinutes: 480, reports: { totalCount: 1 } } },
          { node: { ...done, name: "Build", durationMinutes: 1440, assigneeVendor: { id: vendor.id }, reports: { totalCount: 2 } } },
          { node: { ...done, name: "Test the doors", durationMinutes: 480, reports: { totalCount: 1 } } },
        ],
      },
    },
    scopeChanges: { edges: [{ node: { status: "APPLIED", appliedNumber: 2 } }] },
  });
  await stage.steps.end();
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

import {
  aPlanningTenant,
  aProject,
  newProjectDecision,
  newProjectRisk,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aPlanningTenant(weft);
  ({ admin } = acme);
});

const risksOf =
  "query ($id: ID!, $status: RiskStatus) { project(id: $id) { risks(status: $status) { edges { node { title score status outcome } } } } }";
const update =
  "mutation ($input: UpdateProjectRiskInput!) { updateProjectRisk(input: $input) { risk { score version owner { id } mitigation } } }";
const close = "mutation ($input: CloseProjectRiskInput!) { closeProjectRisk(input: $input) { risk { status outcome } } }";

describe("risks", () => {
  test("have a score, by which they are listed", async () => {
    const id = await aProject(admin);
    await newProjectRisk(admin, id, { title: "Rain", probability: 2, impact: 2 });
    await newProjectRisk(admin, id, { title: "Fire", probability: 3, impact: 5 });
    expect(await admin.run(risksOf, { id })).toEqual({
      project: {
        risks: {
          edges: [
            { node: { title: "Fire", score: 15, status: "OPEN", outcome: null } },
            { node: { title: "Rain", score: 4, status: "OPEN", outcome: null } },
          ],
        },
      },
    });
  });

  test("change while they are open, and are closed with an outcome", async () => {
    const projectId = await aProject(admin);
    const id = await newProjectRisk(admin, projectId, { ownerId: admin.id });
    const input = { id, expectedVersion: 1, probability: 5, impact: 4, mitigation: "Order early", ownerId: null };
    expect(await admin.run(update, { input })).toEqual({
      updateProjectRisk: { risk: { score: 20, version: 2, owner: null, mitigation: "Order early" } },
    });
    expect(await admin.refusal(update, { input })).toBe("CONFLICT");
    expect(await admin.run(close, { input: { id, outcome: "It came in time" } })).toEqual({
      closeProjectRisk: { risk: { status: "CLOSED", outcome: "It came in time" } },
    });
    expect(await admin.refusal(close, { input: { id } })).toBe("CONFLICT");
    expect(await admin.run(risksOf, { id: projectId, status: "OPEN" })).toEqual({ project: { risks: { edges: [] } } });
  });

  test("need a probability and an impact from 1 to 5, and an owner of the organization", async () => {
    const create = "mutation ($input: CreateProjectRiskInput!) { createProjectRisk(input: $input) { risk { id } } }";
    const input = { projectId: await aProject(admin), title: "Rain", probability: 0, impact: 6 };
    const error = await admin.refused(create, { input });
    expect(error.extensions).toMatchObject({ problems: [{ path: "input.probability" }, { path: "input.impact" }] });
    const { user } = await acme.vendor();
    const ofVendor = await admin.refused(create, { input: { ...input, probability: 1, impact: 1, ownerId: user.id } });
    expect(ofVendor.extensions).toMatchObject({ problems: [{ path: "input.ownerId" }] });
  });

  test("and decisions are invisible to another tenant, and to users of a vendor", async () => {
    const projectId = await aProject(admin);
    const [risk, decision] = [await newProjectRisk(admin, projectId), await newProjectDecision(admin, projectId)];
    const globex = await weft.tenant();
    const { user } = await acme.vendor();
    const closeDecision = "mutation ($input: CloseProjectDecisionInput!) { closeProjectDecision(input: $input) { decision { id } } }";
    expect(await globex.admin.refusal(close, { input: { id: risk } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(closeDecision, { input: { id: decision } })).toBe("NOT_FOUND");
    expect(await user.refusal(close, { input: { id: risk } })).toBe("FORBIDDEN");
    expect(await user.refusal(closeDecision, { input: { id: decision } })).toBe("FORBIDDEN");
  });

  test("and decisions cost as many statements for the projects of a page as for one project", async () => {
    const tenant = await aPlanningTenant(weft);
    const query =
      "{ projects { edges { node { risks { edges { node { owner { name } } } } decisions { edges { node { decidedBy { name } } } } } } } }";
    const fill = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        const id = await aProject(tenant.admin);
        await newProjectRisk(tenant.admin, id, { ownerId: tenant.admin.id });
        await newProjectDecision(tenant.admin, id);
      }
    };
    await fill(1);
    const one = await weft.statementCount(() => tenant.admin.run(query));
    await fill(3);
    expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
  });
});

describe("decisions", () => {
  test("say what was decided, when, by whom, and why, the latest first, until they no longer apply", async () => {
    const projectId = await aProject(admin);
    const id = await newProjectDecision(admin, projectId, { reason: "It lasts" });
    await newProjectDecision(admin, projectId, { title: "Walls", decision: "White", decidedOn: "2026-04-01" });
    const fields = "title decision reason decidedOn decidedBy { id } status";
    const listed = `query ($id: ID!) { project(id: $id) { decisions { edges { node { ${fields} } } } } }`;
    const floor = {
      title: "Floor",
      decision: "Stone",
      reason: "It lasts",
      decidedOn: "2026-03-02",
      decidedBy: { id: admin.id },
      status: "ACTIVE",
    };
    expect(await admin.run(listed, { id: projectId })).toMatchObject({
      project: { decisions: { edges: [{ node: { title: "Walls" } }, { node: floor }] } },
    });
    expect(
      await admin.run(
        'mutation ($id: ID!) { updateProjectDecision(input: { id: $id, decision: "Wood" }) { decision { decision version } } }',
        {
          id,
        },
      ),
    ).toEqual({ updateProjectDecision: { decision: { decision: "Wood", version: 2 } } });
    const { message } = await admin.refused("mutation ($id: ID!) { updateProjectDecision(input: { id: $id }) { decision { id } } }", {
      id,
    });
    expect(message).toContain("at least one of title, decision, reason, decidedOn, decidedById.");
    const closing = 'mutation ($id: ID!) { closeProjectDecision(input: { id: $id, outcome: "Too loud" }) { decision { status outcome } } }';
    expect(await admin.run(closing, { id })).toEqual({
      closeProjectDecision: { decision: { status: "CLOSED", outcome: "Too loud" } },
    });
    expect(await admin.refusal(closing, { id })).toBe("CONFLICT");
  });
});

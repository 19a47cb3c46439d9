import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const triage = `mutation ($input: TriageRequestInput!) {
  triageRequest(input: $input) { request { version priority isPrioritySet impact urgency dueAt tags } }
}`;

async function triaged(input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { triageRequest } = await acme.operations.run<{ triageRequest: { request: Record<string, unknown> } }>(triage, { input });
  return triageRequest.request;
}

describe("the priority", () => {
  test("is normal until impact and urgency are known, and then follows from both", async () => {
    const { id } = await acme.request("triage");
    expect(await triaged({ id, impact: "HIGH" })).toMatchObject({ priority: "NORMAL", isPrioritySet: false });
    expect(await triaged({ id, urgency: "HIGH" })).toMatchObject({ priority: "URGENT", impact: "HIGH", urgency: "HIGH" });
    expect(await triaged({ id, impact: "LOW" })).toMatchObject({ priority: "NORMAL" });
    expect(await triaged({ id, urgency: null })).toMatchObject({ priority: "NORMAL", urgency: null });
  });

  test("that a user has set stays until it is removed", async () => {
    const { id } = await acme.request("triage");
    expect(await triaged({ id, priority: "LOW", impact: "HIGH", urgency: "HIGH" })).toMatchObject({ priority: "LOW", isPrioritySet: true });
    expect(await triaged({ id, urgency: "MEDIUM" })).toMatchObject({ priority: "LOW" });
    expect(await triaged({ id, priority: null })).toMatchObject({ priority: "HIGH", isPrioritySet: false });
  });

  test("follows the tenant's own matrix", async () => {
    const globex = await aMaintenanceTenant(weft);
    const same = { LOW: "LOW", MEDIUM: "LOW", HIGH: "LOW" };
    await globex.tenant.admin.run(
      "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
      { input: { patch: { requests: { priorityMatrix: { LOW: same, MEDIUM: same, HIGH: { ...same, HIGH: "HIGH" } } } }, message: "Ours" } },
    );
    const { id } = await globex.request("triage");
    const { triageRequest } = await globex.operations.run<{ triageRequest: { request: object } }>(triage, {
      input: { id, impact: "HIGH", urgency: "HIGH" },
    });
    expect(triageRequest.request).toMatchObject({ priority: "HIGH" });
  });
});

test("sets the due date and tags, each tag once and in lower case, and increments the version", async () => {
  const { id } = await acme.request("triage");
  const first = await triaged({ id, dueAt: "2026-12-24T12:00:00Z", tags: ["Lift", " lift ", "Noise"] });
  expect(first).toMatchObject({ dueAt: expect.stringContaining("2026-12-24T12:00:00") as string, tags: ["lift", "noise"] });
  const second = await triaged({ id, dueAt: null, tags: [], expectedVersion: first["version"] });
  expect(second).toMatchObject({ dueAt: null, tags: [], version: Number(first["version"]) + 1 });
  expect(await acme.operations.refusal(triage, { input: { id, tags: ["a"], expectedVersion: first["version"] } })).toBe("CONFLICT");
});

test("refuses too many or empty tags, and a call without changes", async () => {
  const { id } = await acme.request("triage");
  for (const input of [
    { id, tags: [" "] },
    { id, tags: Array.from({ length: 21 }, (_, at) => `t${at}`) },
    { id, tags: ["x".repeat(51)] },
    { id },
  ])
    expect(await acme.operations.refusal(triage, { input })).toBe("BAD_USER_INPUT");
});

test("is not for requesters, and finds no request of another tenant", async () => {
  const { id } = await acme.request("triage");
  expect(await acme.requester.refusal(triage, { input: { id, priority: "URGENT" } })).toBe("FORBIDDEN");
  const { admin } = await weft.tenant("Globex");
  expect(await admin.refusal(triage, { input: { id, priority: "URGENT" } })).toBe("NOT_FOUND");
});

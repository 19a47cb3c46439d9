import { randomUUID } from "node:crypto";
import { loadExampleDefinition } from "@weft/standalone";
import { beforeAll, expect, test } from "vitest";
import type { TestTenant } from "../test-tenant.js";
import { sharedWeft } from "../shared-weft.js";
import type { SharedWeft } from "../test-weft.js";
import { comparable } from "./answers.js";
import { inputTypeOf } from "../input-type.js";

// IDs are not the only identifiers: keys that people choose also belong to the tenant.

/** Key of a definition, a request type, a team and a role of Acme. */
const theirs = `theirs-${randomUUID()}`;

let weft: SharedWeft;
let acme: TestTenant;
let globex: TestTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  [acme, globex] = [await weft.tenant("Acme"), await weft.tenant("Globex")];
  await Promise.all([acme.maintenance(), globex.maintenance()]);
  await acme.definition((await loadExampleDefinition("maintenance-request")).replace("key: maintenance-request", `key: ${theirs}`));
  await acme.team(theirs);
  const type = { key: theirs, name: "T", definitionKey: theirs, numberPrefix: "TH" };
  await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input: type,
  });
  const role = { key: theirs, name: "R", permissions: [] };
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
});

const fields = {
  createRequest: "request",
  createRequestType: "requestType",
  startWorkflow: "instance",
  createUser: "user",
} as const;

const send = (tenant: TestTenant, name: keyof typeof fields, input: Record<string, unknown>) =>
  tenant.admin.send(`mutation ($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { ${fields[name]} { id } } }`, { input });

test.each([
  ["createRequest", (key: string) => ({ typeKey: key, data: { summary: "A noise", estimate: 1 } })],
  ["createRequestType", (key: string) => ({ key: `t-${randomUUID()}`, name: "T", definitionKey: key, numberPrefix: "T" })],
  ["startWorkflow", (key: string) => ({ definitionKey: key, data: { summary: "A noise", estimate: 1 } })],
  ["createUser", (key: string) => ({ email: `${randomUUID()}@example.com`, name: "P", roleKeys: [key] })],
  ["createUser", (key: string) => ({ email: `${randomUUID()}@example.com`, name: "P", teamKeys: [key] })],
] as const)("%s: a key of another tenant is refused like an unknown key", async (name, inputOf) => {
  const nobodys = `nobodys-${randomUUID()}`;
  const foreign = await send(globex, name, inputOf(theirs));
  expect(foreign.errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
  expect(comparable(foreign, [theirs])).toBe(comparable(await send(globex, name, inputOf(nobodys)), [nobodys]));
  expect((await send(acme, name, inputOf(theirs))).errors).toBeUndefined();
});

test("an idempotency key of another tenant or user replays nothing", async () => {
  const input = { code: "K1", name: "By key", idempotencyKey: randomUUID() };
  const mutation = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }";
  const idOf = async (user: TestTenant["admin"], code: string) =>
    (await user.run<{ createBuilding: { building: { id: string } } }>(mutation, { input: { ...input, code } })).createBuilding.building.id;
  const colleague = await acme.user("operations");
  const [first, replayed, theirs, colleagues] = [
    await idOf(acme.admin, "K1"),
    await idOf(acme.admin, "K1"),
    await idOf(globex.admin, "K1"),
    await idOf(colleague, "K2"),
  ];
  expect(replayed).toBe(first);
  expect(new Set([first, theirs, colleagues]).size).toBe(3);
});

test("a list cannot be filtered by data that its reader cannot read", async () => {
  const permissions = ["request.read", "asset.read", "workflow.read", "user.read"].map((permission) => ({ permission, scope: "TENANT" }));
  const role = { key: "narrow", name: "Narrow", permissions };
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
  const narrow = await acme.user("narrow");
  const isNull = "{ isNull: false }";
  const lists = {
    requests: [`type: ${isNull}`, 'typeKey: { eq: "maintenance" }', `building: ${isNull}`],
    assets: [`building: ${isNull}`],
    workflowInstances: [`definitionId: ${isNull}`],
    users: ['role: { eq: "admin" }', `team: ${isNull}`, `vendor: ${isNull}`],
  };
  for (const [list, filters] of Object.entries(lists)) {
    expect((await narrow.send(`{ ${list} { totalCount } }`)).errors).toBeUndefined();
    for (const filter of filters) {
      expect([filter, await narrow.refusal(`{ ${list}(filter: { or: [{ ${filter} }] }) { totalCount } }`)]).toEqual([filter, "FORBIDDEN"]);
      expect((await acme.admin.send(`{ ${list}(filter: { or: [{ ${filter} }] }) { totalCount } }`)).errors).toBeUndefined();
    }
  }
});

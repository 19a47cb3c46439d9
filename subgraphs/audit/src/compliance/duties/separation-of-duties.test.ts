import { globSync, readFileSync } from "node:fs";
import { sharedWeft, type SharedWeft, type TestTenant } from "@weft/testkit";
import { decodeId, newId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { figureOf, madeReport, rowsOf } from "@weft/testkit/tenants/made-report";
import { usualConflicts } from "./conflicting-duties.js";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant();
});
afterAll(async () => {
  await owner.end();
});

const definition = `weft: 1
key: alone
name: Alone
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

test("the usual pairs are found when one user does both", async () => {
  const { admin } = acme;
  await acme.definition(definition);
  const { id: vendorId } = await acme.vendor("Alone");
  await admin.run("mutation ($input: VendorStatusInput!) { blockVendor(input: $input) { vendor { id } } }", {
    input: { id: vendorId, reason: "Fraud" },
  });
  await acme.role("two_duties", ["building.read"]);
  const user = await acme.user("two_duties");
  await admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
    input: { userId: user.id, grants: [{ permission: "building.read", scope: "TENANT" }], denials: [], reason: "Test" },
  });
  const document = await madeReport(weft, admin, { kind: "SEPARATION_OF_DUTIES" });
  const done = rowsOf(document, "done").filter(({ userId }) => userId === admin.id);
  expect(done.map(({ conflict, entityType }) => [conflict, entityType])).toEqual([
    ["Write and publish workflow definitions", "DEFINITION"],
    ["Create and suspend, block or reinstate vendors", "VENDOR"],
    ["Define roles and assign them to users", null],
  ]);
  expect(figureOf(document, "conflictsDone")).toBe(rowsOf(document, "done").length);
});

test("every usual pair names actions that the sources write", async () => {
  const root = new URL("../../../../../", import.meta.url);
  const sources = globSync(["subgraphs/*/src/**/*.ts", "packages/engine/src/**/*.ts"], { cwd: root.pathname })
    .filter((path) => !path.includes("/compliance/") && !path.endsWith(".test.ts"))
    .map((path) => readFileSync(new URL(path, root), "utf8"))
    .join("\n");
  const snake = (verb: string): string => verb.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const unknown = usualConflicts
    .flatMap(({ first, second }) => [...first.actions, ...second.actions])
    .filter((action) => {
      const [object = "", verb = ""] = action.split(".");
      // `recordChange` makes the names of the usual three, and others are made of the object and a verb.
      if (["create", "update", "delete"].includes(verb)) return !sources.includes(`"${object}`);
      const isMade = sources.includes(`\`${object}.\${verb}\``) && sources.includes(`${verb}:`);
      return !isMade && ![action, `${object}.${snake(verb)}`].some((name) => sources.includes(`"${name}"`));
    });
  expect(unknown).toEqual([]);
});

test("the first duty counts from any time before the end of the period, the second one only in the period", async () => {
  const { admin } = acme;
  const building = newId();
  const entry = (action: string, daysAgo: number) => owner`
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, request_id, at)
    values (${acme.id}, ${newId()}, ${action}, 'building', ${building}, ${decodeId("user", admin.id)}, 'test', now() - make_interval(days => ${daysAgo}))`;
  await entry("building.create", 50);
  await entry("building.update", 20);
  const conflictingDuties = [
    {
      name: "Create and change",
      first: { permission: "building.create" },
      second: { permission: "building.update", actions: ["building.update"] },
    },
  ];
  const doneFrom = async (days: number): Promise<number> => {
    const from = new Date(Date.now() - days * 86_400_000).toISOString();
    return rowsOf(await madeReport(weft, admin, { kind: "SEPARATION_OF_DUTIES", conflictingDuties, from }), "done").length;
  };
  expect([await doneFrom(30), await doneFrom(10)]).toEqual([1, 0]);
});

test("users who could do both are shown with the roles that let them", async () => {
  const conflictingDuties = [{ name: "Both", first: { permission: "building.create" }, second: { permission: "building.delete" } }];
  const document = await madeReport(weft, acme.admin, { kind: "SEPARATION_OF_DUTIES", conflictingDuties });
  expect(rowsOf(document, "possible")).toContainEqual(
    expect.objectContaining({ userId: acme.admin.id, first: "building.create: admin (TENANT)", second: "building.delete: admin (TENANT)" }),
  );
});

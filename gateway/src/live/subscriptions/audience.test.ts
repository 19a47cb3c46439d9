import type { Viewer } from "@weft/shared/viewer";
import { buildSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { audienceOf } from "./audience.js";
import { sharingPermissions } from "./sharing-permissions.js";

const ada: Viewer = {
  tenantId: "t1",
  tenantSlug: "acme",
  userId: "u1",
  userType: "EMPLOYEE",
  vendorId: null,
  sessionId: "s1",
  apiKey: null,
  operatorId: null,
  authenticatedAt: null,
  isRestricted: false,
  roles: ["a", "b"],
  teamIds: ["x"],
  ledTeamIds: [],
  permissions: { "workflow.read": ["TENANT"], "task.read": ["TEAM"] },
  denials: {},
  rightsVersion: "1/a:1/b:1",
};
const bob: Viewer = { ...ada, userId: "u2", sessionId: "s2", teamIds: ["y"], rightsVersion: "7/a:1/b:1", roles: ["b", "a"] };
const isShared = (one: Viewer, other: Viewer, ...permissions: ("workflow.read" | "task.read" | "user.read")[]): boolean =>
  audienceOf(one, permissions) === audienceOf(other, permissions);

describe("users of a tenant share answers", () => {
  test("if the permissions are held in scope TENANT, or by nobody with these rights", () => {
    expect(isShared(ada, bob, "workflow.read")).toBe(true);
    expect(isShared(ada, bob, "workflow.read", "user.read")).toBe(true);
  });

  test("not if a permission is held in a narrower scope, or denied in one", () => {
    expect(isShared(ada, bob, "workflow.read", "task.read")).toBe(false);
    const denials = { "workflow.read": ["OWN"] } satisfies Viewer["denials"];
    expect(isShared({ ...ada, denials }, { ...bob, denials }, "workflow.read")).toBe(false);
  });

  test("not if a field is not declared", () => expect(audienceOf(ada, undefined)).not.toBe(audienceOf(bob, undefined)));

  test.each<[string, Partial<Viewer>]>([
    ["another tenant", { tenantId: "t2" }],
    ["another kind of user", { userType: "SERVICE" }],
    ["another vendor", { vendorId: "v1" }],
    ["an operator", { operatorId: "o1" }],
    ["other roles", { roles: ["a"] }],
    ["other permissions", { permissions: { "workflow.read": ["TENANT"] } }],
    ["other denials", { denials: { "user.read": ["TEAM"] } }],
  ])("not with %s", (_what, difference) => expect(isShared(ada, { ...bob, ...difference }, "workflow.read")).toBe(false));

  test("not if both are of the same vendor, or both operators", () => {
    expect(isShared({ ...ada, vendorId: "v1" }, { ...bob, vendorId: "v1" }, "workflow.read")).toBe(false);
    expect(isShared({ ...ada, operatorId: "o1" }, { ...bob, operatorId: "o1" }, "workflow.read")).toBe(false);
  });
});

describe("the sessions of a user share answers", () => {
  test("to any operation", () => expect(audienceOf(ada, undefined)).toBe(audienceOf({ ...ada, sessionId: "s3" }, undefined)));

  test.each<[string, Partial<Viewer>]>([
    ["rights", { rightsVersion: "2/a:1/b:1" }],
    ["teams", { teamIds: ["x", "y"] }],
    ["vendor", { vendorId: "v1" }],
  ])("not with other %s", (_what, difference) =>
    expect(audienceOf(ada, undefined)).not.toBe(audienceOf({ ...ada, ...difference }, undefined)),
  );
});

describe("the permissions of a query", () => {
  const schema = buildSchema(`
    type Query { changed: Changed }
    interface Node { id: ID }
    type Changed { at: String request: Request node: Node }
    type Request implements Node { id: ID mine: Boolean }
    type Task implements Node { id: ID }
  `);
  const declared = new Map<string, ["workflow.read"] | ["task.read", "task.assign"]>([
    ["Query.changed", ["workflow.read"]],
    ["Changed.at", ["workflow.read"]],
    ["Changed.request", ["workflow.read"]],
    ["Changed.node", ["workflow.read"]],
    ["Request.id", ["task.read", "task.assign"]],
  ]);
  const of = sharingPermissions(schema, declared);

  test("are those of all its fields, in fragments too", () => {
    expect(of("{ changed { at __typename } }")).toEqual(["workflow.read"]);
    expect(of("{ changed { ...C } } fragment C on Changed { request { id } }")).toEqual(["workflow.read", "task.read", "task.assign"]);
  });

  test("are unknown if one field is not declared", () => expect(of("{ changed { at request { id mine } } }")).toBeUndefined());

  test("are unknown if a field of an interface is not declared for one of its types", () => {
    expect(of("{ changed { node { id } } }")).toBeUndefined();
    expect(of("{ changed { node { ... on Request { id } } } }")).toEqual(["workflow.read", "task.read", "task.assign"]);
  });
});

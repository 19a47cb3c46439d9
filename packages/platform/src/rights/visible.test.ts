import { workflows } from "@weft/drizzle";
import { PgDialect } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { aViewer } from "@weft/shared/testing";
import { hasPermission, isPermission, permissionCatalog, reachesAll, type Scope, scopesOf, type Viewer } from "@weft/shared/viewer";
import { visibleInstances } from "./visible.js";

const { instances } = workflows;
const columns = {
  ownerId: instances.ownerId,
  teamId: instances.teamId,
  assigneeUserId: instances.assigneeUserId,
  assigneeTeamId: instances.assigneeTeamId,
  assigneeVendorId: instances.assigneeVendorId,
};
const [me, team, otherTeam, vendor] = [newId(), newId(), newId(), newId()] as [string, string, string, string];
const viewer = (scopes: Scope[], more: Partial<Viewer> = {}) => aViewer({ userId: me, permissions: { "request.read": scopes }, ...more });

function predicate(who: Viewer, access: object = columns) {
  const { sql, params } = new PgDialect().sqlToQuery(visibleInstances(who, "request.read", access));
  return { sql: sql.replaceAll('"workflows"."instances".', ""), params };
}

test("no permission, no scope, and a permission with the name of an inherited member expose nothing", () => {
  expect(predicate(aViewer({}))).toEqual({ sql: "false", params: [] });
  expect(predicate(viewer([]))).toEqual({ sql: "false", params: [] });
  expect(scopesOf(aViewer({}), "toString" as never)).toEqual([]);
  expect(hasPermission(aViewer({}), "constructor" as never)).toBe(false);
});

test("each scope reads its own columns, and several are joined with OR", () => {
  expect(predicate(viewer(["OWN"]))).toEqual({ sql: '"owner_id" = $1', params: [me] });
  expect(predicate(viewer(["TEAM"], { teamIds: [team, otherTeam] }))).toEqual({ sql: '"team_id" in ($1, $2)', params: [team, otherTeam] });
  expect(predicate(viewer(["ASSIGNED"]))).toEqual({ sql: '"assignee_user_id" = $1', params: [me] });
  expect(predicate(viewer(["ASSIGNED"], { teamIds: [team], vendorId: vendor }))).toEqual({
    sql: '("assignee_user_id" = $1 or "assignee_team_id" in ($2) or "assignee_vendor_id" = $3)',
    params: [me, team, vendor],
  });
  expect(predicate(viewer(["OWN", "ASSIGNED"]))).toEqual({ sql: '("owner_id" = $1 or "assignee_user_id" = $2)', params: [me, me] });
  expect(predicate(viewer(["OWN", "TENANT"]))).toEqual({ sql: "true", params: [] });
});

test("scope BUILDING compares the building with those of the viewer, and looks up that of a workflow's object", () => {
  const theirs = (n: number) =>
    `array(select bu.building_id from requests.building_users bu where bu.tenant_id = app.tenant() and bu.user_id = $${n})`;
  expect(predicate(viewer(["BUILDING"]), { buildingId: instances.subjectId })).toEqual({
    sql: `("subject_id" = any(${theirs(1)}) and ${theirs(2)} @> array["subject_id"])`,
    params: [me, me],
  });
  const ofWorkflow = predicate(viewer(["BUILDING"]), instances).sql;
  expect(ofWorkflow).toContain(`"subject_id" = any(${theirs(1)})`);
  expect(ofWorkflow).toContain(
    `from requests.requests br where br.tenant_id = app.tenant() and br.id = "subject_id" and br.building_id = any(${theirs(2)})`,
  );
  expect(ofWorkflow).toContain('from requests.assets ba where ba.tenant_id = app.tenant() and ba.id = "subject_id"');
  expect(predicate(viewer(["BUILDING"]), { ownerId: instances.ownerId })).toEqual({ sql: "false", params: [] });
});

test("a scope without its column, and a team scope without a team, match nothing", () => {
  expect(predicate(viewer(["TEAM"]))).toEqual({ sql: "false", params: [] });
  expect(predicate(viewer(["OWN", "ASSIGNED", "TEAM"], { teamIds: [team] }), {})).toEqual({ sql: "false", params: [] });
});

test("a denial removes the rows in its scope, rows without an owner stay, and no scope remains fully granted", () => {
  const denied = (granted: Scope[], ...scopes: Scope[]) => viewer(granted, { denials: { "request.read": scopes } });
  expect(predicate(denied(["TENANT"], "OWN"))).toEqual({ sql: '(true and ("owner_id" = $1) is not true)', params: [me] });
  expect(predicate(denied(["OWN", "ASSIGNED"], "OWN"))).toEqual({
    sql: '("assignee_user_id" = $1 and ("owner_id" = $2) is not true)',
    params: [me, me],
  });
  // A viewer without teams has no team objects, and a type without the column has nothing to deny.
  expect(predicate(denied(["TENANT"], "TEAM"))).toEqual({ sql: "true", params: [] });
  expect(predicate(denied(["TENANT"], "OWN"), {})).toEqual({ sql: "true", params: [] });
  for (const [granted, taken] of [
    [["TENANT", "OWN"], ["TENANT"]],
    [["OWN"], ["OWN"]],
    [["OWN"], ["TENANT"]],
  ] as const) {
    const who = denied([...granted], ...taken);
    expect(predicate(who).sql).toBe("false");
    expect([hasPermission(who, "request.read"), scopesOf(who, "request.read")]).toEqual([false, []]);
  }
  expect([reachesAll(viewer(["TENANT"]), "request.read"), reachesAll(denied(["TENANT"], "OWN"), "request.read")]).toEqual([true, false]);
  expect([reachesAll(viewer(["OWN"]), "request.read"), reachesAll(denied(["TENANT"], "TENANT"), "request.read")]).toEqual([false, false]);
});

test("permissions are named resource.action and have a description", () => {
  for (const [name, description] of Object.entries(permissionCatalog)) {
    expect(name).toMatch(/^[a-z][A-Za-z]*\.[a-z]+$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
  expect([isPermission("request.read"), isPermission("request.explode"), isPermission("__proto__")]).toEqual([true, false, false]);
});

import type { Viewer } from "@weft/shared/viewer";
import { expect, test } from "vitest";
import { commonRights, withPermissions } from "./viewer-of-run.js";

const viewer = (userId: string, given: Partial<Viewer>): Viewer => ({
  tenantId: "t",
  tenantSlug: "t",
  userId,
  userType: "EMPLOYEE",
  vendorId: null,
  sessionId: "run",
  apiKey: null,
  operatorId: null,
  authenticatedAt: null,
  isRestricted: false,
  roles: [],
  teamIds: [],
  ledTeamIds: [],
  permissions: {},
  denials: {},
  rightsVersion: userId,
  ...given,
});

test("a run has only permissions of its owner that the publisher has in the whole tenant, without denials", () => {
  const owner = viewer("owner", {
    roles: ["admin", "both"],
    ledTeamIds: ["led"],
    permissions: { "user.read": ["TENANT"], "request.read": ["OWN"], "asset.read": ["TENANT"], "webhook.read": ["TENANT"] },
  });
  const publisher = viewer("publisher", {
    roles: ["developer", "both"],
    permissions: { "user.read": ["OWN"], "request.read": ["TENANT"], "asset.read": ["TENANT"], "role.read": ["TENANT"] },
    denials: { "asset.read": ["BUILDING"] },
  });
  expect(commonRights(owner, publisher)).toMatchObject({
    userId: "owner",
    roles: ["both"],
    ledTeamIds: [],
    permissions: { "request.read": ["OWN"] },
  });
  expect(Object.keys(commonRights(owner, publisher).permissions)).toEqual(["request.read"]);
});

test("a run counts as an API key, also if its owner has published the definition", () => {
  const owner = viewer("owner", { permissions: { "user.read": ["OWN"] } });
  expect(commonRights(owner, owner)).toEqual({ ...owner, apiKey: { id: "run", operationsPerMinute: null } });
});

test("an agent has of these rights only the permissions that it was given, and what team leads can do with team.update", () => {
  const owner = viewer("owner", {
    ledTeamIds: ["led"],
    permissions: { "user.read": ["OWN"], "request.read": ["TENANT"], "team.update": ["TENANT"] },
    denials: { "user.read": ["BUILDING"] },
  });
  const given = withPermissions(owner, ["user.read", "asset.read", "constructor"]);
  expect(given).toEqual({
    ...owner,
    ledTeamIds: [],
    permissions: { "user.read": ["OWN"] },
    rightsVersion: "owner/only:asset.read,constructor,user.read",
  });
  expect(withPermissions(owner, ["team.update"]).ledTeamIds).toEqual(["led"]);
  expect(withPermissions(owner, []).permissions).toEqual({});
});

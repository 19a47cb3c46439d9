import { newId } from "@weft/shared/ids";
import { type Scope, scopes } from "@weft/shared/viewer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { limitedToKey } from "./api-key-rights.js";

const key = (permissions: [string, Scope][]) => ({
  id: newId(),
  version: 1,
  permissions,
  operationsPerMinute: null,
  allowedAddresses: [],
  expiresAt: null,
  secretHash: "",
  previousSecretHash: null,
  previousSecretExpiresAt: null,
});
const someScopes = fc.uniqueArray(fc.constantFrom(...scopes));

test("with a key, nobody has a scope that the owner or the key lacks", () => {
  fc.assert(
    fc.property(someScopes, someScopes, (owned, ofKey) => {
      const { permissions } = limitedToKey(
        { permissions: { "request.read": owned }, ledTeamIds: [], rightsVersion: "1" },
        key([...ofKey.map((scope): [string, Scope] => ["request.read", scope]), ["user.update", "TENANT"]]),
        "CUSTOMER",
      );
      const held = permissions["request.read"] ?? [];
      const has = (list: readonly Scope[], scope: Scope) => list.includes(scope) || list.includes("TENANT");
      expect(held.every((scope) => has(owned, scope) && has(ofKey, scope))).toBe(true);
      expect(Object.keys(permissions)).toEqual(held.length === 0 ? [] : ["request.read"]);
      if (owned.includes("TENANT")) expect(new Set(held)).toEqual(new Set(ofKey.includes("TENANT") ? [...owned, ...ofKey] : ofKey));
    }),
  );
});

test("with a key, leads change their teams only if the key has team.update", () => {
  const owner = { permissions: {}, ledTeamIds: [newId()], rightsVersion: "1" };
  expect(limitedToKey(owner, key([["request.read", "OWN"]]), "CUSTOMER").ledTeamIds).toEqual([]);
  expect(limitedToKey(owner, key([["team.update", "OWN"]]), "CUSTOMER").ledTeamIds).toEqual(owner.ledTeamIds);
  expect(limitedToKey(owner, null, "CUSTOMER").ledTeamIds).toEqual(owner.ledTeamIds);
});

import { encodeId, entityTypes, newId, objectTypes } from "@weft/shared/ids";
import { expect, test } from "vitest";
import { stubOf } from "./nodes/entity.type.js";
import { auditSubgraph } from "./schema.js";

test("fields that audit adds to an entity use the owner's key and require the owner's ID", () => {
  const { sdl } = auditSubgraph();
  const types = entityTypes.map((type) => objectTypes[type].typeName);
  expect(types).toContain("Building");
  for (const type of types) {
    const [declared = ""] = new RegExp(`^type ${type} .*?^}`, "ms").exec(sdl) ?? [];
    expect(declared).toContain(`type ${type} implements Node @key(fields: "nodeKey") {`);
    expect(declared).toContain("id: ID! @external");
    expect(declared).toContain("nodeKey: ID! @inaccessible");
    expect(declared).toMatch(/\): AuditEntryConnection @requires\(fields: "id"\)/);
  }
});

test("an entity of another subgraph is a stub with its key; types without a page of their own are not stubs", () => {
  const uuid = newId();
  expect(stubOf("request", uuid)).toEqual({ __typename: "Request", nodeKey: encodeId("request", uuid) });
  expect(stubOf("run", uuid)).toEqual({ __typename: "Run", nodeKey: encodeId("run", uuid) });
  expect(stubOf("session", uuid)).toBeNull();
  expect(stubOf("toString", uuid)).toBeNull();
});

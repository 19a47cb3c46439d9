import { encodeId, newId } from "@weft/shared";
import { expect, test } from "vitest";
import { stubOf } from "./nodes/entity.type.js";
import { auditSubgraph } from "./schema.js";

test("what audit adds to an entity hangs on its owner's key, and requires the owner's id", () => {
  const { sdl } = auditSubgraph();
  for (const type of [
    "Tenant",
    "User",
    "Team",
    "Role",
    "Definition",
    "WorkflowInstance",
    "Task",
    "RequestType",
    "Request",
    "Building",
    "Asset",
    "Vendor",
    "Project",
  ]) {
    const [declared = ""] = new RegExp(`^type ${type} .*?^}`, "ms").exec(sdl) ?? [];
    expect(declared).toContain(`type ${type} implements Node @key(fields: "nodeKey") {`);
    expect(declared).toContain("id: ID! @external");
    expect(declared).toContain("nodeKey: ID! @inaccessible");
    expect(declared).toMatch(/\): AuditEntryConnection @requires\(fields: "id"\)/);
  }
});

test("an entity of another subgraph is a stub by its key; things without a page of their own are none", () => {
  const uuid = newId();
  expect(stubOf("request", uuid)).toEqual({ __typename: "Request", nodeKey: encodeId("request", uuid) });
  expect(stubOf("session", uuid)).toBeNull();
  expect(stubOf("toString", uuid)).toBeNull();
});

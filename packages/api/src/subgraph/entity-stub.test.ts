import { createUnionType, Query, Resolver } from "type-graphql";
import { expect, test } from "vitest";
import { encodeId, newId } from "@weft/shared/ids";
import { anyone } from "../rules/rules.js";
import { Allow } from "../rules/allow.js";
import { defineSubgraph } from "./define-subgraph.js";
import { assigneeOf, entityStub } from "./entity-stub.js";

const User = entityStub("User", "A user, owned by identity.");
const Team = entityStub("Team");
const Assignee = createUnionType({
  name: "StubAssignee",
  types: () => [User, Team] as const,
  resolveType: ({ __typename }) => __typename,
});

@Resolver()
class StubResolver {
  @Query(() => Assignee, { nullable: true })
  @Allow(anyone)
  assignee(): object | null {
    return null;
  }
}

test("a stub has the owner's key, and the subgraph does not resolve it", () => {
  const { sdl } = defineSubgraph({ name: "stubs", resolvers: [StubResolver] });
  expect(sdl).toContain('"""A user, owned by identity."""\ntype User @key(fields: "id", resolvable: false) {');
  expect(sdl).toContain('type Team @key(fields: "id", resolvable: false) {\n  """ID (`tem_…`)."""\n  id: ID!\n}');
});

test("a reference has the TypeID of its kind, and null stays null", () => {
  const uuid = newId();
  expect(User.of(uuid)).toEqual({ __typename: "User", id: encodeId("user", uuid) });
  expect(User.ofOrNull(uuid)).toEqual(User.of(uuid));
  expect(User.ofOrNull(null)).toBeNull();
});

test("the assignee of a row is the one whose column is set", () => {
  const none = { assigneeUserId: null, assigneeTeamId: null, assigneeVendorId: null };
  const uuid = newId();
  expect(assigneeOf(none)).toBeNull();
  expect(assigneeOf({ ...none, assigneeUserId: uuid })).toEqual({ __typename: "User", id: encodeId("user", uuid) });
  expect(assigneeOf({ ...none, assigneeTeamId: uuid })).toEqual({ __typename: "Team", id: encodeId("team", uuid) });
  expect(assigneeOf({ ...none, assigneeVendorId: uuid })).toEqual({ __typename: "Vendor", id: encodeId("vendor", uuid) });
});

test("refuses a type without an ID type and says where to add it", () => {
  expect(() => entityStub("Floor")).toThrow("Floor has no ID type");
});

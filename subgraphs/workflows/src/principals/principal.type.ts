/** References to people, teams and vendors: the identity and vendors subgraphs own them, this one only names them. */
import { Allow, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, ObjectType, createUnionType } from "type-graphql";

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
@Allow(inherit)
export class User {
  @Field(() => ID, { description: "TypeID." })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
@Allow(inherit)
export class Team {
  @Field(() => ID, { description: "TypeID." })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType()
@Allow(inherit)
export class Vendor {
  @Field(() => ID, { description: "TypeID." })
  id!: string;
}

export type PrincipalReference = { readonly __typename: "User" | "Team" | "Vendor"; readonly id: string };

export const Principal = createUnionType({
  name: "Principal",
  description: "Whom work can be assigned to.",
  types: () => [User, Team, Vendor] as const,
  resolveType: (value) => (value as PrincipalReference).__typename,
});

export const userReference = (id: string): User => ({ id: encodeId("user", id) });

export const userReferenceOrNull = (id: string | null): User | null => (id ? userReference(id) : null);

export const teamReference = (id: string): Team => ({ id: encodeId("team", id) });

type AssigneeColumns = {
  readonly assigneeUserId: string | null;
  readonly assigneeTeamId: string | null;
  readonly assigneeVendorId: string | null;
};

/** The assignee of a row, as the union's member; at most one of the three columns is set. */
export function assigneeReference(row: AssigneeColumns): PrincipalReference | null {
  if (row.assigneeUserId) return { __typename: "User", id: encodeId("user", row.assigneeUserId) };
  if (row.assigneeTeamId) return { __typename: "Team", id: encodeId("team", row.assigneeTeamId) };
  return row.assigneeVendorId ? { __typename: "Vendor", id: encodeId("vendor", row.assigneeVendorId) } : null;
}

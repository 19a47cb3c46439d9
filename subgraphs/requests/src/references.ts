import { Allow, encodeId, inherit } from "@weft/shared";
import { createUnionType, Directive, Field, ID, ObjectType } from "type-graphql";

/** Entities that other subgraphs own, by id alone. */

@ObjectType({ description: "A person, owned by identity." })
@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
export class User {
  @Field(() => ID, { description: "TypeID, `usr_…`." })
  id!: string;
}

@ObjectType({ description: "A team, owned by identity." })
@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
export class Team {
  @Field(() => ID, { description: "TypeID, `tem_…`." })
  id!: string;
}

@ObjectType({ description: "A vendor, owned by vendors." })
@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
export class Vendor {
  @Field(() => ID, { description: "TypeID, `vnd_…`." })
  id!: string;
}

@ObjectType({ description: "A running or finished workflow, owned by workflows." })
@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
export class WorkflowInstance {
  @Field(() => ID, { description: "TypeID, `wfi_…`." })
  id!: string;
}

/** Whom work can be assigned to. */
export const Principal = createUnionType({
  name: "Principal",
  description: "Whom work can be assigned to: a user, a team or a vendor.",
  types: () => [User, Team, Vendor] as const,
});

const stub = <T extends User | Team | Vendor | WorkflowInstance>(type: new () => T, id: string): T => Object.assign(new type(), { id });

export const userStub = (uuid: string): User => stub(User, encodeId("user", uuid));
export const instanceStub = (uuid: string): WorkflowInstance => stub(WorkflowInstance, encodeId("instance", uuid));

/** The assignee that the access columns of an instance name, or null. */
export function assigneeStub(row: {
  assigneeUserId: string | null;
  assigneeTeamId: string | null;
  assigneeVendorId: string | null;
}): User | Team | Vendor | null {
  if (row.assigneeUserId !== null) return stub(User, encodeId("user", row.assigneeUserId));
  if (row.assigneeTeamId !== null) return stub(Team, encodeId("team", row.assigneeTeamId));
  if (row.assigneeVendorId !== null) return stub(Vendor, encodeId("vendor", row.assigneeVendorId));
  return null;
}

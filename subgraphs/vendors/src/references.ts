import { Allow, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, ObjectType } from "type-graphql";

/** Entities that other subgraphs own, by id alone. */

@ObjectType({ description: "A person, owned by identity." })
@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
export class User {
  @Field(() => ID, { description: "TypeID, `usr_…`." })
  id!: string;
}

@ObjectType({ description: "A running or finished workflow, owned by workflows." })
@Directive('@key(fields: "id", resolvable: false)')
@Allow(inherit)
export class WorkflowInstance {
  @Field(() => ID, { description: "TypeID, `wfi_…`." })
  id!: string;
}

export const userStub = (uuid: string): User => Object.assign(new User(), { id: encodeId("user", uuid) });
export const instanceStub = (uuid: string): WorkflowInstance => Object.assign(new WorkflowInstance(), { id: encodeId("instance", uuid) });

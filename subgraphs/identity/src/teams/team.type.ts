import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import type { TeamRow } from "./team.store.js";

@ObjectType({ description: "A group of users. Work can be assigned to a team, and permissions can be limited to the work of a team." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Team {
  readonly uuid!: string;

  @Field(() => ID, { description: "ID (`tem_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  @Field(() => String, { description: "Unique in the tenant." })
  key!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Purpose." })
  description!: string;

  @Field(() => Int, { description: "Version number, incremented on every change, including changes of members." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export function toTeam(row: TeamRow): Team {
  const id = encodeId("team", row.id);
  return Object.assign(new Team(), {
    uuid: row.id,
    id,
    nodeKey: id,
    key: row.key,
    name: row.name,
    description: row.description,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}

export const TeamPayload = payloadOf(Team, "team");
export type TeamPayload = InstanceType<typeof TeamPayload>;

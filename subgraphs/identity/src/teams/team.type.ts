import { Allow, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import type { TeamRow } from "./team.store.js";

@ObjectType({ description: "People who work together; work can be assigned to a team, and permissions can reach what belongs to it." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Team {
  readonly uuid!: string;

  @Field(() => ID, { description: "TypeID, `tem_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  nodeKey!: string;

  @Field(() => String, { description: "Unique in the tenant." })
  key!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "What it is for." })
  description!: string;

  @Field(() => Int, { description: "Grows with every change, of members too." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
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

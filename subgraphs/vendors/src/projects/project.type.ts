import { Allow, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { instanceStub, User, userStub, WorkflowInstance } from "../references.js";
import type { ProjectRow } from "./project.store.js";

@ObjectType({ description: "Work with a beginning and an end, moved by a workflow." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Project {
  @Field(() => ID, { description: "TypeID, `prj_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "What it is about; may be empty." })
  description!: string;

  @Field(() => String, { nullable: true, description: "Decimal text, in `currency`: `12500.00`." })
  budget!: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217: `EUR`." })
  currency!: string | null;

  @Field(() => String, { description: "State of its workflow." })
  state!: string;

  @Field(() => WorkflowInstance, { nullable: true, description: "What moves it." })
  workflow!: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "Who made it." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Grows with each change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
  updatedAt!: string;
}

export const { Connection: ProjectConnection } = connectionOf(Project);

/** The API's view of a row. */
export function toProject(row: ProjectRow): Project {
  const id = encodeId("project", row.id);
  const { code, name, description, budget, currency, state, version, createdAt, updatedAt } = row;
  return Object.assign(new Project(), {
    id,
    nodeKey: id,
    code,
    name,
    description,
    budget,
    currency,
    state,
    workflow: instanceStub(row.instanceId),
    createdBy: userStub(row.createdBy),
    version,
    createdAt,
    updatedAt,
  });
}

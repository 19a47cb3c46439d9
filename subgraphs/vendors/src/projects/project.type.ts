import { Allow, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { User, WorkflowInstance } from "../references.js";
import type { ProjectRow } from "./project.store.js";

@ObjectType({ description: "Work with a start and an end, driven by a workflow." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Project {
  @Field(() => ID, { description: "ID (`prj_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Description. Can be empty." })
  description!: string;

  @Field(() => String, { nullable: true, description: "Decimal as text in `currency`, for example `12500.00`." })
  budget!: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217 code, for example `EUR`." })
  currency!: string | null;

  @Field(() => String, { description: "State of the workflow." })
  state!: string;

  @Field(() => WorkflowInstance, { nullable: true, description: "Workflow of the project." })
  workflow!: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "Creator." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export const { Connection: ProjectConnection } = connectionOf(Project);

/** Converts a row to its API type. */
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
    workflow: WorkflowInstance.of(row.instanceId),
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
  });
}

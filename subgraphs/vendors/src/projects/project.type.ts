import { Allow, connectionOf, DateTimeScalar, encodeId, inherit, JsonScalar, staff, WorkflowStatus, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Money, toMoney } from "../money/money.type.js";
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

  /** UUID of the instance that drives the project. */
  instanceId!: string;

  @Field(() => String, { description: "Short code, unique in the tenant." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Description. Can be empty." })
  description!: string;

  @Field(() => String, { nullable: true, description: "First day, as `YYYY-MM-DD`." })
  startsOn!: string | null;

  @Field(() => String, { nullable: true, description: "Last day, as `YYYY-MM-DD`." })
  endsOn!: string | null;

  @Field(() => User, { nullable: true, description: "User who is in charge. Null if there is none, or you cannot see the user." })
  manager!: User | null;

  @Field(() => Money, { nullable: true, description: "Budget. Null if there is none. Only for users of the organization." })
  @Allow(staff)
  budget!: Money | null;

  @Field(() => String, { description: "State of the workflow." })
  state!: string;

  @Field(() => WorkflowStatus, { description: "Status of the workflow." })
  status!: WorkflowStatus;

  @Field(() => WorkflowInstance, { nullable: true, description: "Workflow of the project." })
  workflow!: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "Creator." })
  createdBy!: User | null;

  @Field(() => JsonScalar, {
    description: "Values of custom fields, by name. Users of a vendor see only fields that are shown to vendors.",
  })
  fields!: Record<string, unknown>;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateProject` as `expectedVersion`." })
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
  const { code, name, description, startsOn, endsOn, state, fields, version, createdAt, updatedAt } = row;
  return Object.assign(new Project(), {
    id,
    nodeKey: id,
    instanceId: row.instanceId,
    code,
    name,
    description,
    startsOn,
    endsOn,
    manager: row.managerId === null ? null : User.of(row.managerId),
    budget: toMoney(row.budgetAmount, row.currency),
    state,
    status: row.status as WorkflowStatus,
    workflow: WorkflowInstance.of(row.instanceId),
    createdBy: User.of(row.createdBy),
    fields,
    version,
    createdAt,
    updatedAt,
  });
}

export const ProjectPayload = payloadOf(Project, "project");
export type ProjectPayload = InstanceType<typeof ProjectPayload>;

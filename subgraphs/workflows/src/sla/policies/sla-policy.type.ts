import type { SlaPolicyRow } from "@weft/engine";
import { Allow, DateTimeScalar, JsonScalar, canInTenant, connectionOf, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../../principals/principal.type.js";
import type { PolicyVersionRow } from "./sla-policy.store.js";

@ObjectType({ description: "A version of an SLA policy." })
@Allow(inherit)
export class SlaPolicyVersion {
  @Field(() => Int, { description: "Version number." })
  version!: number;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Terms of the version: `name`, `position`, `definitionKey`, `sla`, `requestType`, `condition`, `target`, `warnings`, `calendar`. Null if it deleted the policy.",
  })
  terms!: unknown;

  @Field(() => String, { nullable: true, description: "Why the policy was changed. Null if the author gave no message." })
  message!: string | null;

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  author!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  createdAt!: string;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "Replaces the targets of SLAs without a new version of their definitions. Of the policies that apply to a clock, the one with the lowest position decides.",
})
@Allow(canInTenant("sla.read"))
export class SlaPolicy {
  @Field(() => ID, { description: "ID (`slp_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => String, { description: "Key, unique among the policies that are not deleted." })
  key!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => Int, { description: "Position. Policies with lower positions are tried first." })
  position!: number;

  @Field(() => String, { nullable: true, description: "Key of the definition whose clocks it concerns. Null for all definitions." })
  definitionKey!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Name of the SLA in the definition, or `task:` with the name of a task. Null for all SLAs.",
  })
  sla!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Key of the request type whose requests it concerns. Null for all types, and for work without a request.",
  })
  requestType!: string | null;

  @Field(() => String, { nullable: true, description: "Condition in CEL. Null if the policy applies to all work." })
  condition!: string | null;

  @Field(() => String, { description: "Target, for example `4 working hours`." })
  target!: string;

  @Field(() => [String], { nullable: true, description: "Warnings, for example `80%`. Null for those of the definition." })
  warnings!: string[] | null;

  @Field(() => String, { nullable: true, description: "Name of a calendar of the configuration. Null for that of the definition." })
  calendar!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => [SlaPolicyVersion], { description: "The 100 newest versions, newest first." })
  versions?: SlaPolicyVersion[];

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the deletion. Null if it was not deleted." })
  deletedAt!: string | null;
}

export const { Connection: SlaPolicyConnection } = connectionOf(SlaPolicy);

export function toSlaPolicy(row: SlaPolicyRow): SlaPolicy {
  const { key, name, position, definitionKey, sla, requestType, condition, target, warnings, calendar } = row;
  const { version, createdAt, updatedAt, deletedAt } = row;
  const id = encodeId("slaPolicy", row.id);
  return {
    id,
    nodeKey: id,
    key,
    name,
    position,
    definitionKey,
    sla,
    requestType,
    condition: condition === "" ? null : condition,
    target,
    warnings,
    calendar,
    version,
    createdBy: User.of(row.createdBy),
    createdAt,
    updatedAt,
    deletedAt,
  };
}

export const toPolicyVersion = ({ version, terms, message, authorId, createdAt }: PolicyVersionRow): SlaPolicyVersion => ({
  version,
  terms,
  message,
  author: User.of(authorId),
  createdAt,
});

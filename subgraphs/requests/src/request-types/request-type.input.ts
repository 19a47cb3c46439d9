import { Field, ID, InputType, Int } from "type-graphql";
import { Priority } from "@weft/shared";

@InputType({ description: "Input of `createRequestType`." })
export class CreateRequestTypeInput {
  @Field(() => String, {
    description: "Key, unique in the tenant, for example `key-replacement`: lower-case letters, digits, and hyphens.",
  })
  key!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Describes when to use the type." })
  description!: string;

  @Field(() => String, { description: "Key of a published definition." })
  definitionKey!: string;

  @Field(() => String, { description: "Number prefix, unique in the tenant (capital letters and digits, for example `MR`)." })
  numberPrefix!: string;

  @Field(() => String, { defaultValue: "submit", description: "Transition that `submitRequest` fires." })
  submitTransition!: string;

  @Field(() => String, { defaultValue: "cancel", description: "Transition that `cancelRequest` fires." })
  cancelTransition!: string;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `closeRequest` fires. Default: `close`, if the definition has it. Null for none.",
  })
  closeTransition?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Transition that `reopenRequest` fires. Default: `reopen`, if the definition has it. Null for none.",
  })
  reopenTransition?: string | null;

  @Field(() => [String], {
    defaultValue: [],
    description:
      "Properties of the definition's data that a new request asks for, in form order. Empty for all. `createRequest` refuses others.",
  })
  fields!: string[];

  @Field(() => String, {
    nullable: true,
    description:
      "Name of the routing rules (`createRoutingRule`) that choose the assignee when a request is submitted. If omitted, nobody is assigned.",
  })
  route?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether numbers contain the year (`MR-2026-1`) and start over each year, in the organization's time zone. Default: false.",
  })
  isNumberedByYear?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "Minimum number of digits of the counter, 1 to 10. Shorter numbers are padded with zeros. Default: 1.",
  })
  numberDigits?: number | null;

  @Field(() => Priority, {
    nullable: true,
    description: "Priority of a request whose impact or urgency is unknown, unless a user sets another one. Default: NORMAL.",
  })
  defaultPriority?: Priority | null;

  @Field(() => String, { nullable: true, description: "Name of an icon (at most 100 characters)." })
  icon?: string | null;

  @Field(() => Int, { nullable: true, description: "Position in the catalog. Types with lower positions come first. Default: 0." })
  position?: number | null;

  @Field(() => [String], {
    nullable: true,
    description: "Keys of the roles whose users can use the type. Without roles and teams, everybody who can create requests can.",
  })
  roleKeys?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of the teams whose members can use the type. Without roles and teams, everybody who can create requests can.",
  })
  teamIds?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Keys of the roles whose users watch each request from its submission, if they can see it.",
  })
  watcherRoleKeys?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of the teams whose members watch each request from its submission, if they can see it.",
  })
  watcherTeamIds?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of users of the organization who watch each request from its submission, if they can see it.",
  })
  watcherUserIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({
  description: "Input of `updateRequestType`. Omitted fields keep their values. Changes apply to requests that are created afterwards.",
})
export class UpdateRequestTypeInput {
  @Field(() => ID, { description: "The request type." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New display name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New description." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "Key of another published definition." })
  definitionKey?: string | null;

  @Field(() => String, { nullable: true, description: "New number prefix, unique in the tenant. Each prefix has its own counter." })
  numberPrefix?: string | null;

  @Field(() => String, { nullable: true, description: "Transition that `submitRequest` fires." })
  submitTransition?: string | null;

  @Field(() => String, { nullable: true, description: "Transition that `cancelRequest` fires." })
  cancelTransition?: string | null;

  @Field(() => String, { nullable: true, description: "Transition that `closeRequest` fires. Null for none." })
  closeTransition?: string | null;

  @Field(() => String, { nullable: true, description: "Transition that `reopenRequest` fires. Null for none." })
  reopenTransition?: string | null;

  @Field(() => [String], { nullable: true, description: "Properties of the definition's data that a new request asks for, in form order." })
  fields?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Name of the routing rules that choose the assignee when a request is submitted. Null if nobody is assigned.",
  })
  route?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether numbers contain the year (`MR-2026-1`) and start over each year, in the organization's time zone.",
  })
  isNumberedByYear?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: "Minimum number of digits of the counter, 1 to 10. Shorter numbers are padded with zeros.",
  })
  numberDigits?: number | null;

  @Field(() => Priority, {
    nullable: true,
    description: "Priority of a request whose impact or urgency is unknown, unless a user sets another one.",
  })
  defaultPriority?: Priority | null;

  @Field(() => String, { nullable: true, description: "Name of an icon (at most 100 characters). Null removes it." })
  icon?: string | null;

  @Field(() => Int, { nullable: true, description: "Position in the catalog. Types with lower positions come first." })
  position?: number | null;

  @Field(() => [String], {
    nullable: true,
    description: "Keys of the roles whose users can use the type. Without roles and teams, everybody who can create requests can.",
  })
  roleKeys?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of the teams whose members can use the type. Without roles and teams, everybody who can create requests can.",
  })
  teamIds?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Keys of the roles whose users watch each request from its submission, if they can see it.",
  })
  watcherRoleKeys?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of the teams whose members watch each request from its submission, if they can see it.",
  })
  watcherTeamIds?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of users of the organization who watch each request from its submission, if they can see it.",
  })
  watcherUserIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Why the type is changed, at most 2,000 characters. Kept with the version." })
  message?: string | null;
}

@InputType({ description: "Input of `deactivateRequestType` and `reactivateRequestType`." })
export class RequestTypeStatusInput {
  @Field(() => ID, { description: "The request type." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Why the status is changed, at most 2,000 characters. Kept with the version." })
  message?: string | null;
}

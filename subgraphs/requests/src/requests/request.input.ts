import { Allow, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Request } from "./request.type.js";

@InputType({ description: "What `createRequest` takes." })
export class CreateRequestInput {
  @Field(() => String, { description: "Key of the request type: `maintenance`." })
  typeKey!: string;

  @Field(() => JsonScalar, { nullable: true, description: "The fields that the type's `form` asks for." })
  data?: Record<string, unknown> | null;

  @Field(() => ID, { nullable: true, description: "The building that it is about. With an asset alone, the asset's building." })
  buildingId?: string | null;

  @Field(() => ID, { nullable: true, description: "The asset that it is about; it must stand in the building." })
  assetId?: string | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `updateRequest` takes: what is absent stays; null takes a building or asset away." })
export class UpdateRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => JsonScalar, { nullable: true, description: "Fields to set; the others stay." })
  data?: Record<string, unknown> | null;

  @Field(() => ID, { nullable: true, description: "The building that it is about." })
  buildingId?: string | null;

  @Field(() => ID, { nullable: true, description: "The asset that it is about." })
  assetId?: string | null;
}

@InputType({ description: "What `submitRequest` takes." })
export class SubmitRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `cancelRequest` takes." })
export class CancelRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Why." })
  comment?: string | null;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `closeRequest` takes." })
export class CloseRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => String, { nullable: true, description: "A comment for the history. Some definitions require one." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of the transition's form, where its definition asks for any." })
  input?: Record<string, unknown> | null;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `reopenRequest` takes." })
export class ReopenRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => String, { nullable: true, description: "What is still wrong. Some definitions require it." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of the transition's form, where its definition asks for any." })
  input?: Record<string, unknown> | null;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Exactly one of the three." })
export class AssigneeInput {
  @Field(() => ID, { nullable: true, description: "A user." })
  userId?: string | null;

  @Field(() => ID, { nullable: true, description: "A team: each of its members may act." })
  teamId?: string | null;

  @Field(() => ID, { nullable: true, description: "A vendor: its users see the request from then on." })
  vendorId?: string | null;
}

@InputType({ description: "What `assignRequest` takes." })
export class AssignRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => AssigneeInput, { nullable: true, description: "Who is to do it; null takes the assignment back." })
  assignee?: AssigneeInput | null;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createRequest` answers." })
@Allow(inherit)
export class CreateRequestPayload {
  @Field(() => Request, { description: "The draft." })
  request!: Request;
}

@ObjectType({ description: "What `updateRequest` answers." })
@Allow(inherit)
export class UpdateRequestPayload {
  @Field(() => Request, { description: "The request as it is now." })
  request!: Request;
}

@ObjectType({ description: "What `submitRequest` answers." })
@Allow(inherit)
export class SubmitRequestPayload {
  @Field(() => Request, { description: "The request as it is now." })
  request!: Request;
}

@ObjectType({ description: "What `cancelRequest` answers." })
@Allow(inherit)
export class CancelRequestPayload {
  @Field(() => Request, { description: "The request as it is now." })
  request!: Request;
}

@ObjectType({ description: "What `closeRequest` answers." })
@Allow(inherit)
export class CloseRequestPayload {
  @Field(() => Request, { description: "The request as it is now." })
  request!: Request;
}

@ObjectType({ description: "What `reopenRequest` answers." })
@Allow(inherit)
export class ReopenRequestPayload {
  @Field(() => Request, { description: "The request as it is now." })
  request!: Request;
}

@ObjectType({ description: "What `assignRequest` answers." })
@Allow(inherit)
export class AssignRequestPayload {
  @Field(() => Request, { description: "The request as it is now." })
  request!: Request;
}

import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Space, SpaceKind } from "./space.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `createSpace`." })
export class CreateSpaceInput {
  @Field(() => ID, { description: "Building of the space." })
  buildingId!: string;

  @Field(() => ID, { nullable: true, description: "Space that contains it. Without one, it is directly in the building." })
  parentId?: string | null;

  @Field(() => SpaceKind, { description: "Kind of the space." })
  kind!: SpaceKind;

  @Field(() => String, { description: "Short code, unique in the building (1 to 40 characters)." })
  code!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Place among the spaces with the same parent (0 to 1,000,000). By default after the others.",
  })
  position?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateSpace`. Omitted fields keep their values." })
export class UpdateSpaceInput {
  @Field(() => ID, { description: "The space." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => SpaceKind, { nullable: true, description: "New kind." })
  kind?: SpaceKind | null;

  @Field(() => String, { nullable: true, description: "New code." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;
}

@InputType({ description: "Input of `moveSpace`." })
export class MoveSpaceInput {
  @Field(() => ID, { description: "The space. Everything in it moves with it." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;

  @Field(() => ID, {
    nullable: true,
    description: "Space of the same building that contains it from now on. Null: directly in the building.",
  })
  parentId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Place among the spaces with the same parent (0 to 1,000,000). By default after the others.",
  })
  position?: number | null;
}

@InputType({ description: "Input of `deleteSpace` and `restoreSpace`." })
export class SpaceInput {
  @Field(() => ID, { description: "The space." })
  id!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `createSpace`." })
@Allow(inherit)
export class CreateSpacePayload {
  @Field(() => Space, { description: "The new space." })
  space!: Space;
}

@ObjectType({ description: "Payload of `updateSpace`." })
@Allow(inherit)
export class UpdateSpacePayload {
  @Field(() => Space, { description: "The space." })
  space!: Space;
}

@ObjectType({ description: "Payload of `moveSpace`." })
@Allow(inherit)
export class MoveSpacePayload {
  @Field(() => Space, { description: "The space." })
  space!: Space;
}

@ObjectType({ description: "Payload of `deleteSpace`." })
@Allow(inherit)
export class DeleteSpacePayload {
  @Field(() => ID, { description: "ID of the deleted space (`spc_…`). Pass it to `restoreSpace` to undo the deletion." })
  spaceId!: string;
}

@ObjectType({ description: "Payload of `restoreSpace`." })
@Allow(inherit)
export class RestoreSpacePayload {
  @Field(() => Space, { description: "The space." })
  space!: Space;
}

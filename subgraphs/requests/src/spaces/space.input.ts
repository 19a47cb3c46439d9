import { Field, ID, InputType, Int } from "type-graphql";
import { SpaceKind } from "./space.type.js";

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

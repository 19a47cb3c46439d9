import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `moveSpace`." })
export class MoveSpaceInput {
  @Field(() => ID, { description: "The space. Everything in it moves with it." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
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

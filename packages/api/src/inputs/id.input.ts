import "reflect-metadata";
import { Field, ID, InputType, Int } from "type-graphql";

const idDescription = "ID of the object. The description of the argument says of which kind.";
const versionDescription = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const keyDescription = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "An object." })
export class IdInput {
  @Field(() => ID, { description: idDescription })
  id!: string;
}

@InputType({ description: "Several objects of one kind." })
export class IdsInput {
  @Field(() => [ID], { description: "IDs of the objects. The description of the argument says of which kind." })
  ids!: string[];
}

@InputType({ description: "An object, and the version that you have read." })
export class VersionedIdInput {
  @Field(() => ID, { description: idDescription })
  id!: string;

  @Field(() => Int, { nullable: true, description: versionDescription })
  expectedVersion?: number | null;
}

@InputType({ description: "An object, for a mutation that can be repeated safely." })
export class KeyedIdInput {
  @Field(() => ID, { description: idDescription })
  id!: string;

  @Field(() => String, { nullable: true, description: keyDescription })
  idempotencyKey?: string | null;
}

@InputType({ description: "An object and the version that you have read, for a mutation that can be repeated safely." })
export class KeyedVersionedIdInput extends KeyedIdInput {
  @Field(() => Int, { nullable: true, description: versionDescription })
  expectedVersion?: number | null;
}

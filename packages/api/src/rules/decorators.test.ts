import { graphql } from "graphql";
import { Arg, buildSchema, Field, Int, ObjectType, Query, Resolver } from "type-graphql";
import { expect, test } from "vitest";

@ObjectType()
class Thing {
  @Field(() => Int)
  size!: number;
}

@Resolver(() => Thing)
class ThingResolver {
  @Query(() => Thing)
  thing(@Arg("size", () => Int) size: number): Thing {
    return { size };
  }
}

test("the test runner compiles type-graphql's decorators, including those of parameters", async () => {
  const schema = await buildSchema({ resolvers: [ThingResolver], validate: false });
  expect(await graphql({ schema, source: "{ thing(size: 3) { size } }" })).toEqual({ data: { thing: { size: 3 } } });
});

import { buildSchemaSync, Field, FieldResolver, ObjectType, Query, Resolver } from "type-graphql";
import { expect, test } from "vitest";
import { ViewerDependent, ViewerIndependent, viewerIndependenceTags } from "./viewer-independent.js";

@ObjectType()
@ViewerIndependent("building.read")
class Shelter {
  @Field(() => String)
  name!: string;

  @ViewerIndependent("asset.read")
  @Field(() => String)
  assets!: string;

  @ViewerDependent()
  @Field(() => String)
  note!: string;

  @Field(() => String)
  computed!: string;
}

@Resolver(() => Shelter)
class ShelterResolver {
  @Query(() => Shelter)
  shelter(): Shelter {
    return new Shelter();
  }

  @FieldResolver(() => String)
  computed(): string {
    return "for the viewer";
  }

  @FieldResolver(() => String)
  added(): string {
    return "for the viewer";
  }
}

test("what a type declares holds for its properties, but for exceptions, and not for fields with a resolver", () => {
  const schema = buildSchemaSync({ resolvers: [ShelterResolver], validate: false });
  expect(viewerIndependenceTags(schema)).toEqual([
    ["Shelter.name", "viewer-independent/building/read"],
    ["Shelter.assets", "viewer-independent/asset/read"],
  ]);
});

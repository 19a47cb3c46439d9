import { Field, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { expect, test } from "vitest";
import { Allow } from "../rules/allow.js";
import { anyone, inherit } from "../rules/rules.js";
import { defineSubgraph } from "./define-subgraph.js";

@ObjectType("Parcel")
@Allow(inherit)
class Parcel {
  @Field(() => String)
  label!: string;
}

@Resolver()
class ParcelResolver {
  @Query(() => Parcel, { nullable: true })
  @Allow(anyone)
  parcel(): Parcel | null {
    return null;
  }

  @Mutation(() => Parcel)
  @Allow(anyone)
  sendParcel(): Parcel {
    return { label: "sent" };
  }
}

@Resolver()
class MeterResolver {
  @Query(() => String)
  @Allow(anyone)
  reading(): string {
    return "1";
  }
}

test("root fields carry the area under which their class is listed; the fields of types carry none", () => {
  const { sdl } = defineSubgraph({ name: "one", resolvers: { requests: [ParcelResolver], assets: [MeterResolver] } });
  expect(sdl).toMatch(/parcel: Parcel .*@tag\(name: "area\/requests"\)/);
  expect(sdl).toMatch(/sendParcel: Parcel .*@tag\(name: "area\/requests"\)/);
  expect(sdl).toMatch(/reading: String! .*@tag\(name: "area\/assets"\)/);
  expect(sdl).toMatch(/label: String!\n/);
});

test("a plain list of classes declares no area", () => {
  expect(defineSubgraph({ name: "one", resolvers: [ParcelResolver] }).sdl).not.toContain("area/");
});

import { parse } from "graphql";
import type { ObjectTypeDefinitionNode } from "graphql";
import { Arg, Directive, Field, ID, InputType, Mutation, ObjectType, Query, registerEnumType, Resolver } from "type-graphql";
import { expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { aCall, aViewer } from "@weft/shared/testing";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import { JsonScalar } from "../scalars/json.js";
import { defineSubgraph } from "../subgraph/define-subgraph.js";
import { Allow } from "./allow.js";
import { GatewayOnly } from "./gateway-only.js";
import { can, inherit } from "./rules.js";

enum ParcelMethod {
  PUT = "PUT",
}
registerEnumType(ParcelMethod, { name: "ParcelMethod" });

enum ParcelSize {
  SMALL = "SMALL",
}
registerEnumType(ParcelSize, { name: "ParcelSize" });

@InputType()
class ReceiveParcelInput {
  @Field(() => ParcelMethod)
  method!: ParcelMethod;

  @Field(() => ParcelSize, { nullable: true })
  size?: ParcelSize | null;

  @Field(() => JsonScalar, { nullable: true })
  body?: unknown;
}

@Directive('@key(fields: "id")')
@Allow(inherit)
@ObjectType("Vendor")
class ParcelSender {
  @Field(() => ID)
  id!: string;
}

@Allow(inherit)
@ObjectType()
class ReceiveParcelPayload {
  @Field(() => ParcelSender)
  sender!: ParcelSender;
}

@Resolver()
class ParcelResolver {
  @Query(() => ParcelSize)
  @Allow(can("vendor.read"))
  largestParcel(): ParcelSize {
    return ParcelSize.SMALL;
  }

  @Mutation(() => ReceiveParcelPayload)
  @GatewayOnly()
  @Allow(can("vendor.create"))
  receiveParcel(@Arg("input", () => ReceiveParcelInput) { method }: ReceiveParcelInput): ReceiveParcelPayload {
    return { sender: { id: method } };
  }
}

const parcels = defineSubgraph({
  name: "parcels",
  resolvers: [ParcelResolver],
  references: { Vendor: (_ctx, ids) => Promise.resolve(ids.map(() => null)) },
});
const hidden = '@inaccessible @tag(name: "internal")';

test("a field that only the gateway calls is hidden in the SDL", () => {
  const mutation = parse(parcels.sdl).definitions.find(
    (definition): definition is ObjectTypeDefinitionNode =>
      definition.kind === "ObjectTypeDefinition" && definition.name.value === "Mutation",
  );
  expect(mutation?.fields?.map(({ name }) => name.value)).toEqual(["receiveParcel"]);
  expect(parcels.sdl).toContain(`receiveParcel(input: ReceiveParcelInput!): ReceiveParcelPayload ${hidden}`);
});

test("the types that only hidden fields use are hidden, too; entities, scalars and types of other fields are not", () => {
  const marked = [...parcels.sdl.matchAll(/^(?:type|input|enum|scalar) (\w+) @inaccessible @tag\(name: "internal"\) /gm)].map(
    ([, name]) => name,
  );
  expect(marked).toEqual(["ParcelMethod", "ReceiveParcelInput", "ReceiveParcelPayload"]);
  expect(parcels.sdl).toMatch(/^enum ParcelSize \{/m);
  expect(parcels.sdl).toMatch(/^type Vendor @key\(fields: "id"\) \{/m);
  expect(parcels.sdl).not.toMatch(/^scalar JSON.*@inaccessible/m);
});

test("its rule applies", async () => {
  const receive = async (permissions: NonNullable<Parameters<typeof aViewer>[0]["permissions"]>) =>
    parcels.execute({
      services: servicesWithoutDatabase(),
      call: aCall(aViewer({ tenantId: newId(), permissions })),
      query: "mutation { receiveParcel(input: { method: PUT }) { sender { id } } }",
    });
  expect((await receive({})).errors?.map(({ extensions }) => extensions?.["code"])).toEqual(["FORBIDDEN"]);
  expect(await receive({ "vendor.create": ["TENANT"] })).toEqual({ data: { receiveParcel: { sender: { id: "PUT" } } } });
});

import { Field, ID, InterfaceType } from "type-graphql";

/** An object with an ID. */
@InterfaceType({
  description: "An object with an ID.",
  // Otherwise the interface would add the types of other subgraphs to this one if both are in one process.
  autoRegisterImplementations: false,
  resolveType: (value: { readonly __typename?: string }) => value.__typename ?? "",
})
export abstract class Node {
  @Field(() => ID, { description: "ID. Its prefix determines the type of the object." })
  id!: string;
}

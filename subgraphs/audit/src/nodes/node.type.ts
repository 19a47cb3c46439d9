import { Field, ID, InterfaceType } from "type-graphql";

/** Anything with an id. */
@InterfaceType({
  description: "Anything with an id.",
  // Otherwise the interface would pull the types of other subgraphs into this one, wherever both are in one process.
  autoRegisterImplementations: false,
  resolveType: (value: { readonly __typename?: string }) => value.__typename ?? "",
})
export abstract class Node {
  @Field(() => ID, { description: "TypeID: what kind of thing it is, and which one." })
  id!: string;
}

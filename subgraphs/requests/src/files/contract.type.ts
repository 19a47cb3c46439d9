import { encodeId } from "@weft/shared/ids";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, Field, ID, ObjectType } from "type-graphql";

@ObjectType()
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Contract {
  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  // Required by `attachments`, so that every query plan asks the contract's owner, which alone knows whether the viewer can see the contract.
  @Directive("@external")
  @Field(() => ID, { description: "ID (`ctr_…`)." })
  id!: string;
}

/** Returns references to contracts by their UUIDs. The owner resolves all other fields. */
export const contractStubs = (uuids: readonly string[]): Contract[] =>
  uuids.map((uuid) => Object.assign(new Contract(), { nodeKey: encodeId("contract", uuid) }));

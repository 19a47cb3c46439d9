import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ArgsType, Field, ObjectType } from "type-graphql";
import { ContractFilter, ContractOrder } from "./contract.filter.js";
import { Contract } from "./contract.type.js";

@ArgsType()
export class ContractsArgs extends ConnectionArgs {
  @Field(() => ContractFilter.Input, { nullable: true, description: "Filter for contracts." })
  filter?: FilterValue | null;

  @Field(() => ContractOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@ObjectType({ description: "Payload of the mutations that create or change a contract." })
@Allow(inherit)
export class ContractPayload {
  @Field(() => Contract, { description: "The contract." })
  contract!: Contract;
}

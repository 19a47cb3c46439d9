import { PeriodFilter } from "@weft/api/periods";
import { Field, ID, InputType, Int } from "type-graphql";
import { Environment } from "../definitions/life-cycle/environment.type.js";

@InputType({ description: "What is counted. All conditions must be met." })
export class WorkflowStatisticsFilter extends PeriodFilter {
  @Field(() => String, { nullable: true, description: "Key of a definition." })
  definitionKey?: string | null;

  @Field(() => Int, { nullable: true, description: "Version number of the definition. Requires `definitionKey`." })
  definitionVersion?: number | null;

  @Field(() => ID, { nullable: true, description: "ID of the instance's team (`tem_…`)." })
  teamId?: string | null;

  @Field(() => ID, { nullable: true, description: "ID of the user (`usr_…`) or the vendor (`ven_…`) to whom the instance is assigned." })
  assigneeId?: string | null;

  @Field(() => Environment, { nullable: true, description: "Environment. Default: PROD." })
  environment?: Environment | null;
}

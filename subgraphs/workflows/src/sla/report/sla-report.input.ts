import { PeriodFilter } from "@weft/api/periods";
import { Field, ID, InputType, Int } from "type-graphql";
import { Environment } from "../../definitions/life-cycle/environment.type.js";

@InputType({ description: "Which SLA clocks are counted. All conditions must be met." })
export class SlaReportFilter extends PeriodFilter {
  @Field(() => String, { nullable: true, description: "Key of a definition." })
  definitionKey?: string | null;

  @Field(() => Int, { nullable: true, description: "Version number of the instance's definition. Requires `definitionKey`." })
  definitionVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Name of the SLA in the definition. For a state or a task, the name of that." })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: "ID of the request's type (`rqt_…`)." })
  requestTypeId?: string | null;

  @Field(() => ID, { nullable: true, description: "ID of the instance's team (`tem_…`)." })
  teamId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "ID of the user (`usr_…`) or the vendor (`ven_…`) to whom the instance is assigned. For the clock of a task, the user to whom the task is assigned.",
  })
  assigneeId?: string | null;

  @Field(() => String, { nullable: true, description: "Value of `priority` in the instance's data." })
  priority?: string | null;

  @Field(() => Environment, { nullable: true, description: "Environment. Default: PROD." })
  environment?: Environment | null;
}

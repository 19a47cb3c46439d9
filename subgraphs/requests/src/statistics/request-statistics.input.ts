import { PeriodFilter } from "@weft/api/periods";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "What is counted. All conditions must be met." })
export class RequestStatisticsFilter extends PeriodFilter {
  @Field(() => ID, { nullable: true, description: "ID of a request type (`rqt_…`). Requires `requestType.read`." })
  typeId?: string | null;

  @Field(() => ID, { nullable: true, description: "ID of a building (`bld_…`). Requires `building.read`." })
  buildingId?: string | null;

  @Field(() => String, { nullable: true, description: "Value of the field `priority` of the request's data." })
  priority?: string | null;

  @Field(() => WorkflowStatus, { nullable: true, description: "Present status of the workflow." })
  status?: WorkflowStatus | null;

  @Field(() => ID, { nullable: true, description: "ID of the workflow's team (`tem_…`)." })
  teamId?: string | null;
}

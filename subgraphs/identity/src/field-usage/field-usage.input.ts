import "reflect-metadata";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "Which uses are counted. All conditions must be met." })
export class FieldUsageFilter {
  @Field(() => String, { nullable: true, description: "Coordinate of an element, such as `Request.title` or `Query.requests(filter:)`." })
  coordinate?: string | null;

  @Field(() => String, { nullable: true, description: "Name of a type: only its fields, their arguments, or its values." })
  type?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "`true` for elements that were deprecated when they were used, `false` for others.",
  })
  isDeprecated?: boolean | null;

  @Field(() => String, { nullable: true, description: "Name of a client." })
  clientName?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Start of the period, which ends now. Its day (UTC) counts as a whole. Default: 30 days ago.",
  })
  since?: string | null;

  @Field(() => ID, { nullable: true, description: "Only uses in this tenant, among those that you can see." })
  tenantId?: string | null;
}

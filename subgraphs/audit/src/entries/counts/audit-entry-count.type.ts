import "reflect-metadata";
import { PeriodFilter } from "@weft/api/periods";
import { Allow, can } from "@weft/api/rules";
import { DateTimeScalar, SafeIntScalar } from "@weft/api/scalars";
import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";

export const AuditInterval = { HOUR: "HOUR", DAY: "DAY" } as const;
export type AuditInterval = keyof typeof AuditInterval;
registerEnumType(AuditInterval, { name: "AuditInterval", description: "Length of an interval in which audit entries are counted." });

@InputType({ description: "Period in which audit entries are counted." })
export class AuditPeriod extends PeriodFilter {}

@ObjectType({ description: "The audit entries of an hour or a day." })
@Allow(can("audit.read"))
export class AuditEntryCount {
  @Field(() => DateTimeScalar, { description: "Start of the interval in the time zone, or of the period if it begins later." })
  start!: string;

  @Field(() => SafeIntScalar, { description: "Number of entries." })
  entries!: number;

  @Field(() => SafeIntScalar, { description: "Number of changes, refusals, failures and sensitive reads that the entries record." })
  occurrences!: number;

  @Field(() => SafeIntScalar, { description: "How many of the occurrences were refused." })
  refused!: number;

  @Field(() => SafeIntScalar, { description: "How many of the occurrences failed." })
  failed!: number;
}

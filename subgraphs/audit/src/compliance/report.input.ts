import { DateTimeScalar } from "@weft/api/scalars";
import { Field, InputType } from "type-graphql";
import { ComplianceReportKind } from "./kinds/kinds.js";
import { ComplianceReportFormat } from "./report.type.js";

@InputType({ description: "A duty: a permission, and the actions of the audit log by which somebody uses it." })
export class DutyInput {
  @Field(() => String, { description: "Permission as `resource.action`. See `permissions`." })
  permission!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "Actions of the audit log by which somebody uses the permission, for example `contract.submit`, at most 20. Default: those that need the permission. Required if they are not known, such as for permissions to read.",
  })
  actions?: string[] | null;
}

@InputType({ description: "Two duties that nobody should have alone." })
export class ConflictingDutiesInput {
  @Field(() => String, { description: "Name in the report (1 to 200 characters). Each pair has a different one." })
  name!: string;

  @Field(() => Boolean, {
    defaultValue: true,
    description:
      "Whether the duties conflict only for the same object, for example a contract. Otherwise, it is a conflict if a user did both in the period.",
  })
  isSameObject!: boolean;

  @Field(() => DutyInput, { description: "The first duty, for example preparing a contract." })
  first!: DutyInput;

  @Field(() => DutyInput, { description: "The second duty, for example signing it." })
  second!: DutyInput;
}

/** What a report shows, and how. */
@InputType()
export abstract class ReportContentInput {
  @Field(() => ComplianceReportKind, { description: "What the report shows." })
  kind!: ComplianceReportKind;

  @Field(() => [ComplianceReportFormat], {
    nullable: true,
    description: "Formats of its files. Default: all. There is always a JSON file.",
  })
  formats?: ComplianceReportFormat[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Time zone of days, for example Europe/Zurich. Default: the time zone of the organization.",
  })
  timeZone?: string | null;

  @Field(() => [String], { nullable: true, description: "For `ACCESS_REVIEW`: only these permissions, at most 200. Default: all." })
  permissions?: string[] | null;

  @Field(() => [ConflictingDutiesInput], {
    nullable: true,
    description:
      "For `SEPARATION_OF_DUTIES`: which duties conflict, at most 50 pairs. Default: usual pairs, such as writing and signing contracts.",
  })
  conflictingDuties?: ConflictingDutiesInput[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to start a workflow of the published definition `compliance-review` when the report is completed. In it, another user signs the report off.",
  })
  requiresSignOff!: boolean;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `createComplianceReport`." })
export class CreateComplianceReportInput extends ReportContentInput {
  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the period. Default: 30 days before its end." })
  from?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "End of the period, not included. Default: now. A period has at most 400 days.",
  })
  to?: string | null;
}

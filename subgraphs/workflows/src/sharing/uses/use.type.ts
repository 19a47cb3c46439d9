import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";

import { User } from "../../principals/principal.type.js";
import type { UseRow } from "./use.store.js";

export enum SharedStartStatus {
  RUNNING = "RUNNING",
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  CANCELLED = "CANCELLED",
}
registerEnumType(SharedStartStatus, {
  name: "SharedStartStatus",
  description: "Statuses of what was started in another tenant.",
  valuesConfig: {
    RUNNING: { description: "It has not ended." },
    SUCCEEDED: { description: "It has succeeded." },
    FAILED: { description: "It has failed." },
    CANCELLED: { description: "The owner has canceled it." },
  },
});

const sharedStartColumns = columns({
  id: column.id("ID (`dsu_…`)."),
  shareId: column.id("ID of the share (`dsh_…`)."),
  ownerName: column.text("Name of the tenant in which it runs."),
  startedBy: column.of(() => User, "User who started it. Null if you cannot see the user.", { nullable: true }),
  startedAt: column.time("Time of the start."),
});

@ShowColumns(sharedStartColumns)
@ObjectType({ description: "An automation that your tenant has started in the tenant that shares it." })
@Allow(allOf(staff, canInTenant("definitionShare.use")))
export class SharedStart extends shapeOf(sharedStartColumns) {
  /** UUID, for the field resolvers; not a field. */
  readonly uuid!: string;
}

@ObjectType({ description: "What the owner shows of an automation that your tenant has started." })
@Allow(inherit)
export class SharedResult {
  @Field(() => SharedStartStatus, { description: "Status." })
  status!: SharedStartStatus;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null until it has ended." })
  outputs!: unknown;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the end." })
  finishedAt!: string | null;
}

export const { Connection: SharedStartConnection } = connectionOf(SharedStart);

@InputType({ description: "Input of `startSharedWorkflow`." })
export class StartSharedWorkflowInput {
  @Field(() => ID, { description: "ID of the share (`dsh_…`)." })
  shareId!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Inputs of the automation. See `DefinitionShare.interface`." })
  data?: unknown;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `copySharedDefinition`." })
export class CopySharedDefinitionInput {
  @Field(() => ID, { description: "ID of the share (`dsh_…`)." })
  shareId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Key of your copy. If omitted, that of the original. A definition that is not a copy of the same original is not overwritten.",
  })
  key?: string | null;

  @Field(() => String, { nullable: true, description: "Name of your copy. If omitted, that of the original." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Where a version was copied from." })
@Allow(inherit)
export class DefinitionOrigin {
  @Field(() => String, { description: "Name of the tenant that shares the original." })
  ownerName!: string;

  @Field(() => ID, { description: "ID of the share (`dsh_…`)." })
  shareId!: string;

  @Field(() => Int, { description: "Number of the original version." })
  number!: number;
}

export const toSharedStart = (row: UseRow): SharedStart => ({
  id: encodeId("definitionShareUse", row.id),
  shareId: encodeId("definitionShare", row.shareId),
  ownerName: row.partnerName,
  startedBy: row.usedBy === null ? null : User.of(row.usedBy),
  startedAt: row.createdAt,
  uuid: row.id,
});

export const SharedStartPayload = payloadOf(SharedStart, "start");
export type SharedStartPayload = InstanceType<typeof SharedStartPayload>;

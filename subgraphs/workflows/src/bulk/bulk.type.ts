import type { bulk } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import { Directive, Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User } from "../principals/principal.type.js";
import * as commonColumns from "../common-columns.js";

export type BulkOperationRow = typeof bulk.bulkOperations.$inferSelect;
export type BulkItemRow = typeof bulk.bulkItems.$inferSelect;

export enum BulkKind {
  TRANSITION = "TRANSITION",
  MIGRATION = "MIGRATION",
  UNDO = "UNDO",
  CANCEL_RUNS = "CANCEL_RUNS",
  RESUME_RUNS = "RESUME_RUNS",
  RETRY_RUNS = "RETRY_RUNS",
}
registerEnumType(BulkKind, {
  name: "BulkKind",
  description: "Kinds of bulk operations.",
  valuesConfig: {
    TRANSITION: { description: "A transition is fired." },
    MIGRATION: { description: "The instances are migrated to another version of their definition." },
    UNDO: { description: "A migration is undone." },
    CANCEL_RUNS: { description: "Runs of steps are canceled." },
    RESUME_RUNS: { description: "Paused runs of steps are resumed." },
    RETRY_RUNS: { description: "Runs of steps that have failed or were canceled are continued." },
  },
});

export enum BulkStatus {
  RUNNING = "RUNNING",
  COMPLETED = "COMPLETED",
  CANCELLED = "CANCELLED",
  FAILED = "FAILED",
}
registerEnumType(BulkStatus, {
  name: "BulkStatus",
  description: "Statuses of a bulk operation.",
  valuesConfig: {
    RUNNING: { description: "Waiting or in progress." },
    COMPLETED: { description: "Every instance has a result, successful or not." },
    CANCELLED: { description: "Stopped by a user. Completed items are not undone." },
    FAILED: {
      description:
        "Stopped because the user who started it lost the permission or is no longer active, or because it crashed the worker repeatedly. Completed items are not undone.",
    },
  },
});

export enum BulkItemStatus {
  PENDING = "PENDING",
  DONE = "DONE",
  FAILED = "FAILED",
  CANCELLED = "CANCELLED",
}
registerEnumType(BulkItemStatus, {
  name: "BulkItemStatus",
  description: "Statuses of an instance in a bulk operation.",
  valuesConfig: {
    PENDING: { description: "Not yet processed." },
    DONE: { description: "Done." },
    FAILED: { description: "Failed, and nothing was written. `code` and `message` contain the error." },
    CANCELLED: { description: "The operation ended before the instance was processed." },
  },
});

const bulkItemColumns = columns({
  position: column.int("Position in the processing order, starting at 1."),
  status: column.of(() => BulkItemStatus, "Status of the item."),
  instance: column.of(() => WorkflowInstance, "Current state of the instance, or of that of the run. Null if you cannot see it.", {
    nullable: true,
    resolved: true,
  }),
  code: column.text("Error code of a failed item, as the mutation for one instance would return it.", { nullable: true, resolved: true }),
  message: column.text("Error message of a failed item. Null if you cannot see the instance.", { nullable: true, resolved: true }),
  version: column.int("Version of the instance when the item was processed.", { nullable: true }),
  finishedAt: column.time("Time when the item was processed.", { nullable: true }),
});

@ShowColumns(bulkItemColumns)
@ObjectType({ description: "One instance, or one run, of a bulk operation." })
@Allow(inherit)
export class BulkItem extends shapeOf(bulkItemColumns) {
  /** For the field resolvers; not a field. */
  readonly row!: BulkItemRow;
}

export const { Connection: BulkItemConnection } = connectionOf(BulkItem);

const bulkOperationColumns = columns({
  id: column.id("ID (`blk_…`). Events, history entries and audit entries of the operation have it as their request ID."),
  ...commonColumns.nodeKey,
  kind: column.of(() => BulkKind, "Kind of the operation."),
  status: column.of(() => BulkStatus, "Status."),
  transition: column.text("The transition that is fired.", { nullable: true }),
  comment: column.text("Comment passed to the operation.", { nullable: true }),
  total: column.int("Number of instances, or of runs."),
  done: column.int("Number of them that are done."),
  failed: column.int("Number of them that failed."),
  message: column.text("Reason why the operation ended early.", { nullable: true }),
  createdBy: column.of(() => User, "User who started the operation, and on whose behalf it runs.", { nullable: true }),
  version: column.int("Version number, incremented as the operation progresses."),
  createdAt: column.time("Time when the operation was requested."),
  updatedAt: column.time("Time of the last progress."),
  finishedAt: column.time("End time.", { nullable: true }),
});

@ShowColumns(bulkOperationColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A background operation on many instances or runs, one after the other, with a result for each." })
@Allow(can("workflow.read"))
export class BulkOperation extends shapeOf(bulkOperationColumns) {
  /** For the field resolvers; not a field. */
  readonly row!: BulkOperationRow;
}

export const { Connection: BulkOperationConnection } = connectionOf(BulkOperation);

@ObjectType({ description: "A reason why instances are rejected." })
@Allow(inherit)
export class BulkRejection {
  @Field(() => String, { description: "The reason, as a sentence." })
  message!: string;

  @Field(() => Int, { description: "Number of instances with this reason." })
  count!: number;
}

@ObjectType({ description: "Preview of firing a transition on many instances. Nothing is written." })
@Allow(inherit)
export class BulkPreview {
  @Field(() => Int, { description: "Number of running instances found. Pass it as `expectedTotal`." })
  total!: number;

  @Field(() => Int, { description: "Number of instances examined, starting with the oldest." })
  examined!: number;

  @Field(() => Int, { description: "Number of examined instances for which you can fire the transition." })
  open!: number;

  @Field(() => Int, { description: "Number of examined instances that would be rejected." })
  rejected!: number;

  @Field(() => [BulkRejection], { description: "Reasons for the rejections, most frequent first, at most 20." })
  reasons!: BulkRejection[];

  @Field(() => Boolean, { description: "Whether the transition requires a comment for at least one instance." })
  requiresComment!: boolean;

  @Field(() => [WorkflowInstance], { description: "The first instances for which you can fire the transition, at most 10." })
  sample!: WorkflowInstance[];
}

export function toBulkOperation(row: BulkOperationRow): BulkOperation {
  const { params } = row;
  const id = encodeId("bulkOperation", row.id);
  return {
    ...bulkOperationColumns.shown(row),
    id,
    nodeKey: id,
    kind: row.kind as BulkKind,
    status: row.status as BulkStatus,
    transition: typeof params["transition"] === "string" ? params["transition"] : null,
    createdBy: User.of(row.createdBy),
    row,
  };
}

export function toBulkItem(row: BulkItemRow): BulkItem {
  return { position: row.position, status: row.status as BulkItemStatus, version: row.resultVersion, finishedAt: row.finishedAt, row };
}

export const BulkOperationPayload = payloadOf(BulkOperation, "operation");
export type BulkOperationPayload = InstanceType<typeof BulkOperationPayload>;

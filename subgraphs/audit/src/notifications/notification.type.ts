import { Allow, can, connectionOf, DateTimeScalar, encodeId, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { Node } from "../nodes/node.type.js";
import type { NotificationRow } from "./notification.store.js";

export const NotificationKind = {
  TASK_OPENED: "TASK_OPENED",
  TASK_ASSIGNED: "TASK_ASSIGNED",
  TASK_REMARK: "TASK_REMARK",
  STAND_IN: "STAND_IN",
  REQUEST_MOVED: "REQUEST_MOVED",
  ASSIGNED: "ASSIGNED",
  USAGE_THRESHOLD: "USAGE_THRESHOLD",
  INCIDENT_OPENED: "INCIDENT_OPENED",
  BULK_OPERATION_ENDED: "BULK_OPERATION_ENDED",
} as const;
export type NotificationKind = keyof typeof NotificationKind;

registerEnumType(NotificationKind, {
  name: "NotificationKind",
  description: "Why somebody is notified.",
  valuesConfig: {
    TASK_OPENED: { description: "A task waits that you may do, yourself or in the place of somebody who is away (`params.inPlaceOf`)." },
    TASK_ASSIGNED: { description: "You, or somebody for whom you stand in, were given a task." },
    TASK_REMARK: {
      description: "You are asked something about a task, or somebody has answered or said something about a task that you hold.",
    },
    STAND_IN: { description: "You stand in for somebody, from then to then, or no longer." },
    REQUEST_MOVED: { description: "Your request has moved on." },
    ASSIGNED: { description: "Work was assigned to you, your team or your vendor." },
    USAGE_THRESHOLD: { description: "80 % of a limit of the plan are used. Administrators are told." },
    INCIDENT_OPENED: {
      description: "A workflow cannot go on by itself. Those are told who may resolve incidents everywhere in the tenant.",
    },
    BULK_OPERATION_ENDED: { description: "An operation on many instances that you began has ended; `params` counts what became of them." },
  },
});

@ObjectType({ description: "Something that you were told.", implements: Node })
@Allow(can("notification.read"))
export class Notification {
  readonly __typename = "Notification";

  @Field(() => ID, { description: "TypeID, `ntf_…`." })
  id!: string;

  @Field(() => NotificationKind, { description: "Why you are told." })
  kind!: NotificationKind;

  @Field(() => String, { description: "One line to show." })
  title!: string;

  @Field(() => JsonScalar, { description: "The facts of the title, by name, for a client that words it itself." })
  params!: Record<string, string>;

  @Field(() => Boolean, { description: "You have read it." })
  isRead!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: "When you read it; null until then." })
  readAt!: string | null;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  createdAt!: string;

  /** The kind and UUID of what it is about, for field resolvers. */
  subjectType!: string;
  subjectUuid!: string;
}

export const { Connection: NotificationConnection } = connectionOf(Notification, "Notification");

@ObjectType({ description: "A notification that has just come." })
@Allow(inherit)
export class NotificationReceived {
  @Field(() => String, { description: "Give it as `after` to go on behind this event." })
  cursor!: string;

  @Field(() => Notification, { description: "The notification, as it is now." })
  notification!: Notification;
}

/** The API's view of a row. */
export function toNotification(row: NotificationRow): Notification {
  return Object.assign(new Notification(), {
    id: encodeId("notification", row.id),
    kind: row.kind as NotificationKind,
    title: row.title,
    params: row.params,
    isRead: row.readAt !== null,
    readAt: row.readAt,
    createdAt: row.createdAt,
    subjectType: row.subjectType,
    subjectUuid: row.subjectId,
  });
}

import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import type { TriggerRow } from "./trigger.store.js";
import * as commonColumns from "../common-columns.js";

export enum TriggerAction {
  START = "START",
  FIRE = "FIRE",
}
registerEnumType(TriggerAction, {
  name: "TriggerAction",
  description: "What a trigger does when an event occurs.",
  valuesConfig: {
    START: { description: "Starts an instance of a definition." },
    FIRE: { description: "Fires a transition of the instances that the event concerns." },
  },
});

export enum TriggerCorrelation {
  SUBJECT = "SUBJECT",
  FIELD = "FIELD",
}
registerEnumType(TriggerCorrelation, {
  name: "TriggerCorrelation",
  description: "How a trigger finds the instances that an event concerns. Instances that have ended are never found.",
  valuesConfig: {
    SUBJECT: { description: "The instance that the event is about, or the instance of the request, project or vendor that it is about." },
    FIELD: { description: "The instances of the definition in whose data an indexed field has a value of the event." },
  },
});

export enum TriggerNoMatch {
  IGNORE = "IGNORE",
  START = "START",
}
registerEnumType(TriggerNoMatch, {
  name: "TriggerNoMatch",
  description: "What a trigger that fires a transition does if the event concerns no instance.",
  valuesConfig: {
    IGNORE: { description: "Nothing. The run is recorded." },
    START: { description: "Starts an instance of the definition." },
  },
});

export enum TriggerStopReason {
  LOOP = "LOOP",
}
registerEnumType(TriggerStopReason, {
  name: "TriggerStopReason",
  description: "Why a trigger was deactivated automatically.",
  valuesConfig: { LOOP: { description: "The trigger repeatedly caused the events that it reacts to." } },
});

/** Which events a trigger reacts to. */
const events = {
  eventName: column.text("Name of the events.", {
    shown:
      "For `workflow.emitted`: the name that the definition emits. For `custom.published`: the name of the custom event. If null, the trigger reacts to all names.",
    created:
      "For `workflow.emitted`: the name that the definition emits. For `custom.published`: the name of the custom event. If null, the trigger reacts to all names. Omit it if the event type is a declared type.",
    nullable: true,
  }),
  condition: column.text("Condition in CEL over `event` and `payload`.", {
    shown: "Condition in CEL over `event` and `payload`. If null, the trigger reacts to all events of the type.",
    created:
      'Condition in CEL over `event` and `payload`. Example: `payload.to == "approved"`. If null or empty, the trigger reacts to all events of the type.',
    nullable: true,
  }),
};

/** What a trigger reacts to and does. Its inputs begin with these columns. */
export const triggerTerms = {
  ...events,
  definitionKey: column.text("Key of the definition that is started, or whose instances are searched.", {
    created: "Key of the definition that is started, or whose instances are searched. Required for START and FIELD.",
    nullable: true,
  }),
  data: column.json("Data of a started instance: expressions by property.", {
    created: 'Data of a started instance: expressions by property. Example: `{ title: "payload.title", source: "\'trigger\'" }`.',
    nullable: true,
  }),
  correlationKey: column.text("Expression. No second instance is started while one with the same value has not ended.", { nullable: true }),
  transition: column.text("Transition to fire.", { created: "Transition to fire. Required for FIRE.", nullable: true }),
  input: column.json("Input of the transition: expressions by field.", { nullable: true }),
  correlation: column.of(() => TriggerCorrelation, "How the trigger finds the instances whose transition it fires.", {
    created: "How the trigger finds the instances whose transition it fires (default SUBJECT for a new trigger that fires).",
    nullable: true,
  }),
  correlationField: column.text("For FIELD: indexed field of the data.", {
    created: "For FIELD: field of the data that the definition lists under `index`.",
    nullable: true,
  }),
  correlationValue: column.text("For FIELD: expression whose value the field must equal.", { nullable: true }),
  maxMatches: column.int("Maximum number of instances that one event can concern.", {
    shown: "Maximum number of instances that one event can concern. If it concerns more, nothing is fired and the run fails.",
    created:
      "Maximum number of instances that one event can concern, 1 to 100 (default 10 for a new trigger). If it concerns more, the run fails.",
    optional: true,
  }),
  onNoMatch: column.of(() => TriggerNoMatch, "What happens if the event concerns no instance.", {
    created: "What happens if the event concerns no instance (default IGNORE for a new trigger).",
    optional: true,
  }),
};

const triggerColumns = columns({
  ...commonColumns.id("ID (`trg_…`).", "ID of the trigger (`trg_…`)."),
  ...commonColumns.nodeKey,
  name: column.text("Display name.", { created: "Display name, at most 200 characters." }),
  eventType: column.text("Type of the events, one of `eventTypes`.", {
    created:
      "Type of the events, one of `eventTypes`. A declared type, such as `custom.delivery`, stands for `custom.published` with the type as its `eventName`, which the trigger then shows.",
    updated: false,
  }),
  ...events,
  action: column.of(() => TriggerAction, "What the trigger does.", { updated: false }),
  ...triggerTerms,
  isActive: column.flag("Whether the trigger is active.", {
    shown: "Whether the trigger is active. It considers the events that occur after its activation, and those of replays.",
    created: "Whether the trigger is active (default true).",
    updated: false,
    optional: true,
  }),
  ...column.shownOnly({
    stopReason: column.of(
      () => TriggerStopReason,
      "Why the trigger was deactivated automatically. Null if it is active or a user deactivated it.",
      { nullable: true },
    ),
    actsAs: column.of(() => User, "User with whose rights the trigger acts. Null if you cannot see the user.", { nullable: true }),
  }),
  ...standardColumns.expectedVersion,
  ...commonColumns.idempotencyKey,
  ...commonColumns.versionToExpect,
  ...column.shownOnly({ createdBy: column.of(() => User, "Author. Null if you cannot see the user.", { nullable: true }) }),
  ...standardColumns.times,
});

@ShowColumns(triggerColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "Starts an instance or fires a transition when an event occurs. It acts with the current rights of the user who last saved it, once per event.",
})
@Allow(canInTenant("trigger.read"))
export class Trigger extends shapeOf(triggerColumns) {}

const inputColumns = columns({ ...triggerTerms, ...triggerColumns.map });

export const CreateTriggerInput = createInputOf("CreateTriggerInput", inputColumns, "The trigger to create. It acts with your rights.");
export type CreateTriggerInput = InstanceType<typeof CreateTriggerInput>;

export const UpdateTriggerInput = updateInputOf(
  "UpdateTriggerInput",
  inputColumns,
  "Changes to a trigger. Omitted fields stay unchanged. From then on, the trigger acts with your rights.",
);
export type UpdateTriggerInput = InstanceType<typeof UpdateTriggerInput>;

export const { Connection: TriggerConnection } = connectionOf(Trigger);

export function toTrigger(row: TriggerRow): Trigger {
  const id = encodeId("trigger", row.id);
  return {
    ...triggerColumns.shown(row),
    id,
    nodeKey: id,
    condition: row.condition === "" ? null : row.condition,
    action: row.action as TriggerAction,
    correlation: row.correlation as TriggerCorrelation | null,
    onNoMatch: row.onNoMatch as TriggerNoMatch,
    stopReason: row.stopReason as TriggerStopReason | null,
    actsAs: User.of(row.userId),
    createdBy: User.of(row.createdBy),
  };
}

export const TriggerPayload = payloadOf(Trigger, "trigger");
export type TriggerPayload = InstanceType<typeof TriggerPayload>;

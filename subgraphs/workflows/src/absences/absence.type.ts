import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, anyOf, can } from "@weft/api/rules";
import { Directive, ObjectType } from "type-graphql";
import * as commonColumns from "../common-columns.js";
import { User } from "../principals/principal.type.js";
import type { AbsenceRow } from "./absence.store.js";

export const absenceColumns = columns({
  ...commonColumns.id("ID (`abs_…`).", "ID of the absence (`abs_…`)."),
  ...commonColumns.nodeKey,
  ...column.shownOnly({
    user: column.of(() => User, "Absent user. Null if you cannot see the user.", { nullable: true }),
    substitute: column.of(() => User, "Substitute. Null if you cannot see the user.", { nullable: true }),
  }),
  userId: column.id("ID of the absent user (`usr_…`), by default you. Only users who can assign all tasks can name somebody else.", {
    shown: false,
    updated: false,
    optional: true,
  }),
  substituteId: column.id("ID of the substitute (`usr_…`): another active user of the same organization.", {
    shown: false,
    updated: "ID of the substitute (`usr_…`).",
  }),
  startsAt: column.time("Start of the absence."),
  endsAt: column.time("End of the absence.", {
    shown: "End of the absence. The substitution ends at the same time.",
    created: "End of the absence. Must be after `startsAt`, not in the past, and at most one year after the start.",
    updated: "End of the absence.",
  }),
  note: column.text("Information for the substitute, at most 1,000 characters.", {
    shown: "Information for the substitute.",
    optional: true,
  }),
  ...column.shownOnly({
    createdBy: column.of(() => User, "User who created the absence. Null if you cannot see the user.", { nullable: true }),
  }),
  ...standardColumns.expectedVersion,
  ...commonColumns.idempotencyKey,
  ...commonColumns.version,
  ...standardColumns.times,
});

@ShowColumns(absenceColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description: "A period in which a user is absent and a substitute sees, claims and completes the tasks that name the absent user.",
})
@Allow(anyOf(can("task.claim"), can("task.assign")))
export class Absence extends shapeOf(absenceColumns) {}

export const SetAbsenceInput = createInputOf("SetAbsenceInput", absenceColumns, "An absence to create, with its substitute.");
export type SetAbsenceInput = InstanceType<typeof SetAbsenceInput>;

export const UpdateAbsenceInput = updateInputOf(
  "UpdateAbsenceInput",
  absenceColumns,
  "Changes to an absence. Omitted fields stay unchanged.",
);
export type UpdateAbsenceInput = InstanceType<typeof UpdateAbsenceInput>;

export const { Connection: AbsenceConnection } = connectionOf(Absence);

export function toAbsence(row: AbsenceRow): Absence {
  const id = encodeId("absence", row.id);
  const [user, substitute, createdBy] = [User.of(row.userId), User.of(row.substituteId), User.of(row.createdBy)];
  return { ...absenceColumns.shown(row), id, nodeKey: id, user, substitute, createdBy };
}

export const AbsencePayload = payloadOf(Absence, "absence");
export type AbsencePayload = InstanceType<typeof AbsencePayload>;

import { Allow, DateTimeScalar, anyOf, can, connectionOf, encodeId, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import type { AbsenceRow } from "./absence.store.js";

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description: "A period in which a user is absent and a substitute sees, claims and completes the tasks that name the absent user.",
})
@Allow(anyOf(can("task.claim"), can("task.assign")))
export class Absence {
  @Field(() => ID, { description: "ID (`abs_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => User, { nullable: true, description: "Absent user. Null if you cannot see the user." })
  user!: User | null;

  @Field(() => User, { nullable: true, description: "Substitute. Null if you cannot see the user." })
  substitute!: User | null;

  @Field(() => DateTimeScalar, { description: "Start of the absence." })
  startsAt!: string;

  @Field(() => DateTimeScalar, { description: "End of the absence. The substitution ends at the same time." })
  endsAt!: string;

  @Field(() => String, { description: "Information for the substitute." })
  note!: string;

  @Field(() => User, { nullable: true, description: "User who created the absence. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export const { Connection: AbsenceConnection } = connectionOf(Absence);

export function toAbsence(row: AbsenceRow): Absence {
  const id = encodeId("absence", row.id);
  return {
    id,
    nodeKey: id,
    user: User.of(row.userId),
    substitute: User.of(row.substituteId),
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    note: row.note,
    createdBy: User.of(row.createdBy),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

export const AbsencePayload = payloadOf(Absence, "absence");
export type AbsencePayload = InstanceType<typeof AbsencePayload>;

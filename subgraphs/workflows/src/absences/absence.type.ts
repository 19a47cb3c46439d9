import { Allow, DateTimeScalar, anyOf, can, connectionOf, encodeId } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { User, userReference } from "../principals/principal.type.js";
import type { AbsenceRow } from "./absence.store.js";

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "Somebody is away, and somebody else stands in: sees, claims and completes what names the absent person." })
@Allow(anyOf(can("task.claim"), can("task.assign")))
export class Absence {
  @Field(() => ID, { description: "TypeID, `abs_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => User, { nullable: true, description: "Who is away; null when he cannot be shown to you." })
  user!: User | null;

  @Field(() => User, { nullable: true, description: "Who stands in; null when he cannot be shown to you." })
  standIn!: User | null;

  @Field(() => DateTimeScalar, { description: "From when on." })
  startsAt!: string;

  @Field(() => DateTimeScalar, { description: "Until when; from that moment on nobody stands in." })
  endsAt!: string;

  @Field(() => String, { description: "What the stand-in should know." })
  note!: string;

  @Field(() => User, { nullable: true, description: "Who said so; null when he cannot be shown to you." })
  createdBy!: User | null;

  @Field(() => Int, { description: "One more with each change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it came to be." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt!: string;
}

export const { Connection: AbsenceConnection } = connectionOf(Absence);

export function toAbsence(row: AbsenceRow): Absence {
  const id = encodeId("absence", row.id);
  return {
    id,
    nodeKey: id,
    user: userReference(row.userId),
    standIn: userReference(row.standInId),
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    note: row.note,
    createdBy: userReference(row.createdBy),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

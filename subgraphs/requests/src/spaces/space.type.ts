import { Allow, can, DateTimeScalar, encodeId, inherit, ViewerIndependent, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { SpaceRow } from "./space.store.js";

export const SpaceKind = { FLOOR: "FLOOR", ROOM: "ROOM", AREA: "AREA" } as const;
export type SpaceKind = keyof typeof SpaceKind;

registerEnumType(SpaceKind, {
  name: "SpaceKind",
  description: "Kind of a space.",
  valuesConfig: {
    FLOOR: { description: "A floor." },
    ROOM: { description: "A room." },
    AREA: { description: "Any other part of a building, for example a wing, a corridor, or a roof." },
  },
});

@ObjectType({ description: "A floor, a room, or an area of a building. Spaces can contain spaces." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("building.read"))
@ViewerIndependent("building.read")
export class Space {
  @Field(() => ID, { description: "ID (`spc_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => SpaceKind, { description: "Kind of the space." })
  kind!: SpaceKind;

  @Field(() => String, { description: "Short code, unique in the building." })
  code!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => Int, { description: "Place among the spaces with the same parent. Lower numbers come first." })
  position!: number;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateSpace` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUIDs, for loaders. */
  uuid!: string;
  buildingId!: string;
  parentId!: string | null;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

/** Converts a row to its API type. */
export function toSpace(row: SpaceRow): Space {
  const id = encodeId("space", row.id);
  return Object.assign(new Space(), row, { id, nodeKey: id, uuid: row.id, kind: row.kind as SpaceKind });
}

export const SpacePayload = payloadOf(Space, "space");
export type SpacePayload = InstanceType<typeof SpacePayload>;

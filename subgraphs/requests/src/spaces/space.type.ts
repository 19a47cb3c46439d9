import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, can, ViewerIndependent } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
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

export const spaceColumns = columns({
  ...standardColumns.id("ID (`spc_…`).", "The space."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  buildingId: column.id("Building of the space.", { shown: false, updated: false, converted: true }),
  parentId: column.id("Space that contains it. Without one, it is directly in the building.", {
    shown: false,
    updated: false,
    optional: true,
    converted: true,
  }),
  kind: column.of(() => SpaceKind, "Kind of the space.", { updated: "New kind." }),
  code: column.text("Short code, unique in the building.", { max: 40, updated: "New code." }),
  name: column.text("Display name.", { max: 200, updated: "New name." }),
  position: column.int("Place among the spaces with the same parent. Lower numbers come first.", {
    created: "Place among the spaces with the same parent (0 to 1,000,000). By default after the others.",
    updated: false,
    optional: true,
    converted: true,
  }),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateSpace"),
  ...standardColumns.times,
});

@ShowColumns(spaceColumns)
@ObjectType({ description: "A floor, a room, or an area of a building. Spaces can contain spaces." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("building.read"))
@ViewerIndependent("building.read")
export class Space extends shapeOf(spaceColumns) {
  /** UUIDs, for loaders. */
  uuid!: string;
  buildingId!: string;
  parentId!: string | null;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

export const CreateSpaceInput = createInputOf("CreateSpaceInput", spaceColumns);
export type CreateSpaceInput = InstanceType<typeof CreateSpaceInput>;

export const UpdateSpaceInput = updateInputOf("UpdateSpaceInput", spaceColumns);
export type UpdateSpaceInput = InstanceType<typeof UpdateSpaceInput>;

/** Converts a row to its API type. */
export function toSpace(row: SpaceRow): Space {
  const id = encodeId("space", row.id);
  return Object.assign(new Space(), row, { id, nodeKey: id, uuid: row.id, kind: row.kind as SpaceKind });
}

export const SpacePayload = payloadOf(Space, "space");
export type SpacePayload = InstanceType<typeof SpacePayload>;

import type { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import type { SavedViewList } from "./saved-view.type.js";

/** Kinds of the custom fields by which lists filter and order. Null: the list has none. Not in `lists.ts`, which imports the lists, which use views. */
export const fieldsOfList: Readonly<Record<SavedViewList, CustomFieldKind | null>> = {
  REQUESTS: null,
  BUILDINGS: "BUILDING",
  ASSETS: "ASSET",
};

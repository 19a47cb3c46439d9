import type { SavedViewList } from "../saved-views/saved-view.type.js";

interface ExportedList {
  /** Root field. */
  readonly field: string;
  /** Columns of exports that name none: fields that everybody who can read the list can read. */
  readonly columns: readonly string[];
}

/** The lists that can be exported. An export is a query of the list's field, page by page. */
export const exportedLists: Readonly<Record<SavedViewList, ExportedList>> = {
  REQUESTS: {
    field: "requests",
    columns: ["number", "state", "status", "priority", "dueAt", "createdAt", "updatedAt", "data"],
  },
  BUILDINGS: { field: "buildings", columns: ["code", "name", "status", "createdAt", "updatedAt"] },
  ASSETS: {
    field: "assets",
    columns: ["tag", "name", "type", "status", "serialNumber", "manufacturer", "model", "installedOn", "createdAt", "updatedAt"],
  },
};

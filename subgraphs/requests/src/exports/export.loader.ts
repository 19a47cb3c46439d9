import { rowLoader } from "@weft/api/context";
import { findExports } from "./export.store.js";
import { toExport } from "./export.type.js";

/** Loads exports by UUID, batched per request. Null for exports that the viewer cannot see. */
export const exportLoader = rowLoader("export", findExports, toExport);

import { rowLoader } from "@weft/api/context";
import { findImports } from "./import.store.js";
import { toImport } from "./import.type.js";

/** Loads imports by UUID, batched per request. Null for imports that the viewer cannot see. */
export const importLoader = rowLoader("import", findImports, toImport);

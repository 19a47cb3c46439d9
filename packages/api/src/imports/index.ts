export type { ImportedList, ImportReference, ImportValues } from "./imported-list.js";
export { vendorImports } from "./vendor-imports.js";

export { type ErasedPerson, ErasureNotDue, ErasureWaits } from "./due-transactions.js";
export { type ErasureState, erasePerson } from "./erase-person.js";
export { isErased, isHeld, lockErasures } from "./erase-rows.store.js";
export { type ErasureEntry, type ErasureList, openErasureList } from "./erasure-list.js";
export type { ErasureKind } from "./erasure-plan.js";
export { findPersonExport, recordPersonDownload } from "./person-exports.js";
export { previewErasure } from "./preview-erasure.js";
export { countRowsOfPerson, findRowsOfPerson, MAX_ROWS_OF_PERSON, type PageOfPerson, tablesOfPeople } from "./person-data.store.js";
export { type ErasureKeys, signErasure } from "./signed.js";

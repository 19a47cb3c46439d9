export { erasePerson, type ErasedPerson, ErasureNotDue } from "./erase-person.js";
export { isHeld } from "./erase-rows.store.js";
export { type ErasureEntry, type ErasureList, openErasureList } from "./erasure-list.js";
export type { ErasureKind } from "./erasure-plan.js";
export { previewErasure } from "./preview-erasure.js";
export { findRowsOfPerson, tablesOfPeople } from "./person-data.store.js";
export { signReceipt } from "./receipt.js";

export { externalIdField } from "./external-id.filter.js";
export { loadExternalId } from "./external-id.loader.js";
export { setExternalId } from "./external-id.service.js";
export { findByExternalId, findExternalIds, insertExternalId } from "./external-id.store.js";

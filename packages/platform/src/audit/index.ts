export { actionName } from "./action-name.js";
export { checkpointSigner, type CheckpointSigner } from "./checkpoint.js";
export { chainHash, entryHash, genesisHash, hashedText, type StoredEntry, storedColumns, storedEntryColumns } from "./entry-hash.js";
export { openImages } from "./image.js";
export { publicCheckpointKeys } from "./signed-text.js";
export { startSealer } from "./sealer.js";
export { type ChainProblem, type ChainReport, placeOfCheckpoint, type VerifiedPlace, verifyChain } from "./verify.js";
export { findChainEnd, findSealHash } from "./verify.store.js";
export { toAuditRows, writeAudit } from "./write.js";

export { checkpointSigner, type CheckpointSigner } from "./checkpoint.js";
export { openImages } from "./image.js";
export { startSealer } from "./sealer.js";
export { type ChainProblem, type ChainReport, placeOfCheckpoint, type VerifiedPlace, verifyChain } from "./verify.js";
export { findChainEnd } from "./verify.store.js";
export { toAuditRows, writeAudit } from "./write.js";

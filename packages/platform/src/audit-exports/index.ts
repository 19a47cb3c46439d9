export { type AuditExportFormat, entityTypeName, type ExportedRow, type ReadableEntry } from "./exported-row.js";
export { BlockHasher, blockSize } from "./hash-blocks.js";
export { hashWithPart } from "./hash-parts.js";
export { signProof } from "./proof.js";
export { type ExportReport, organizationOf, verifyExport } from "./verify-export.js";
export { writers } from "./write-rows.js";

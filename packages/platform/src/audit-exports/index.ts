export { type AuditExportFormat, auditExportFormats, entityTypeName, type ExportedRow } from "./exported-row.js";
export type { ExportProblem, ExportProblemKind } from "./export-problem.js";
export { BlockHasher, blockSize } from "./hash-blocks.js";
export { type ExportProof, readProof, signProof } from "./proof.js";
export { type ExportReport, verifyExport } from "./verify-export.js";
export { writers } from "./write-rows.js";

import { rowLoader } from "@weft/api/context";
import { findAuditExports } from "./audit-export.store.js";
import { toAuditExport } from "./audit-export.type.js";

/** Loads exports by UUID, batched per request. Null for exports that the viewer cannot see. */
export const auditExportLoader = rowLoader("auditExport", findAuditExports, toAuditExport);

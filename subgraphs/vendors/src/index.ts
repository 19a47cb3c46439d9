// type-graphql asks for it before the first decorator runs, although nothing emits metadata.
import "reflect-metadata";
export { dueContracts } from "./contracts/lifetime/due-contracts.js";
export { foldedWorkDays } from "./performance/work-days.js";
export { dueObligations } from "./contracts/obligations/due-obligations.js";
export { dueDocuments } from "./documents/expiry/due-documents.js";
export { dueMilestones } from "./milestones/due-milestones.js";
export { pastRegistrationLinks } from "./vendor-registration/past-registration-links.js";
export { vendorsSubgraph } from "./schema.js";
export { importedVendors } from "./vendors/imported-vendors.js";

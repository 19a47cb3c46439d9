export { dueContracts } from "./contracts/lifetime/due-contracts.js";
export { foldedWorkDays } from "./performance/work-days.js";
export { vendorsSubgraph } from "./schema.js";
export { importedVendors } from "./vendors/imported-vendors.js";

export { WorkflowStatus } from "./workflow-status.js";

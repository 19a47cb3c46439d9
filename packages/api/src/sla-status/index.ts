export { hasSlaStatus, SlaStatus, slaStatusOf } from "./sla-status.js";

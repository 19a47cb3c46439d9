import type { HostSteps } from "@weft/standalone";
import { createInvoice, type Billing } from "./create-invoice.js";
import { stepLog, type StepLogOptions } from "./step-log.js";

/** What the application passes as `hosted` to `startWeft`. */
export const hostSteps = (billing: Billing, log: StepLogOptions): HostSteps => ({
  steps: [createInvoice(billing)],
  middleware: [stepLog(log)],
});

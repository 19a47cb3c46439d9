import type { RequestRow } from "../requests/requests-operations";

const hourMs = 3_600_000;
const at = (hours: number): string => new Date(Date.now() + hours * hourMs).toISOString();

const row = (number: number, title: string, more: Partial<RequestRow>): RequestRow => ({
  id: `req_sample${number}`,
  number: `MR-${number}`,
  state: "triage",
  status: "RUNNING",
  data: { summary: title },
  priority: "NORMAL",
  dueAt: null,
  createdAt: at(-50 * number),
  updatedAt: at(-20 * number),
  closedAt: null,
  createdBy: { id: "usr_sample", name: "Robin Meyer" },
  assignee: null,
  type: { id: "rty_sample", name: "Maintenance" },
  workflow: { id: "wfi_sample", stateTitle: "Triage" },
  slaStatus: [],
  ...more,
});

/** Requests in each state of a row. */
export const sampleRows: readonly RequestRow[] = [
  row(1, "The elevator grinds between the third and the fourth floor, and stops for a moment", { priority: "URGENT", dueAt: at(-3) }),
  row(2, "Two lamps in the stairwell are dark", { state: "approval", workflow: { id: "wfi_2", stateTitle: "Waits for approval" } }),
  row(3, "The gate of the garage stays open", {
    priority: "HIGH",
    dueAt: at(30),
    assignee: { __typename: "Team", id: "tea_1", name: "Caretakers" },
  }),
  row(4, "Radiator drips", { status: "COMPLETED", closedAt: at(-2), state: "done", workflow: { id: "wfi_4", stateTitle: "Done" } }),
  row(5, "Key lost", { status: "CANCELLED", closedAt: at(-900), state: "canceled", workflow: { id: "wfi_5", stateTitle: "Canceled" } }),
];

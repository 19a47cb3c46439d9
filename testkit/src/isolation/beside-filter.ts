/** Conditions that a filter needs beside its own, so that it does not read the whole list. They hold for everything. By `list.field`. */
export const besideFilter: Readonly<Record<string, object>> = {
  "auditEntries.address": { at: { gte: "2020-01-01T00:00:00Z" } },
  "auditEntries.changed": { at: { gte: "2020-01-01T00:00:00Z" } },
  "auditEntries.clientName": { at: { gte: "2020-01-01T00:00:00Z" } },
  "auditEntries.text": { at: { gte: "2020-01-01T00:00:00Z" } },
};

import type { Aggregate } from "./aggregate.js";

export const file = {
  types: { file: { prefix: "fil", typeName: "File", table: "app.files", role: "subject" } },
  permissions: {
    "file.create": "Upload files, and attach them to objects that you can see.",
    "file.delete": "Delete attachments.",
  },
} as const satisfies Aggregate;

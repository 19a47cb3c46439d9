import { templateInput } from "../tenants/new-template.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of templates of notifications. */
export const notificationTemplateCases: IdempotencyCases = {
  createNotificationTemplate: {
    who: ({ acme }) => acme.admin,
    selection: "template { id locale latestNumber }",
    inputs: () => {
      const input = templateInput();
      return Promise.resolve({ input, other: { ...input, subject: "Other" } });
    },
  },
};

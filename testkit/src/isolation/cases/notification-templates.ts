import { newTemplate, templateInput } from "../../tenants/new-template.js";
import type { Cases, MutationCase } from "./case.js";

const ofTemplate = (more: Record<string, unknown> = {}): MutationCase => ({
  input: async ({ admin }) => ({ id: await newTemplate(admin), ...more }),
  ids: { id: "object" },
});

const { kind, subject, body } = templateInput();

/** Cases of templates of notifications. */
export const notificationTemplateCases: Cases = {
  mutations: {
    createNotificationTemplate: { input: () => Promise.resolve(templateInput()) },
    updateNotificationTemplate: ofTemplate({ subject: "New" }),
    publishNotificationTemplate: ofTemplate(),
    unpublishNotificationTemplate: ofTemplate(),
    sendTestNotification: {
      input: async ({ admin }, actor) => {
        const { notifications } = await actor.run<{ notifications: { edges: { node: { id: string; kind: string } }[] } }>(
          "{ notifications(first: 1) { edges { node { id kind } } } }",
        );
        const shown = notifications.edges[0]?.node;
        return { id: await newTemplate(admin, shown?.kind), notificationId: shown?.id };
      },
      ids: { notificationId: "object" },
    },
    deleteNotificationTemplate: ofTemplate(),
  },
  lookups: {
    "previewNotificationTemplate.input.notificationId": {
      own: ({ ids }) => ids.get("notification")?.[0],
      refusal: "object",
    },
  },
  queryArguments: {
    notificationTemplateVariables: { kind: "TASK_ASSIGNED" },
    previewNotificationTemplate: { input: { kind, subject, body } },
  },
};

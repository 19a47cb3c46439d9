import { expect } from "vitest";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

const onlyTemplate = async ({ tenant }: ApiStage): Promise<string> => {
  const { notificationTemplates } = await tenant.admin.run<{ notificationTemplates: { edges: { node: { id: string } }[] } }>(
    "{ notificationTemplates(first: 1) { edges { node { id } } } }",
  );
  return notificationTemplates.edges[0]?.node.id ?? expect.fail("There is no template.");
};

/** How the blocks of the guide on email templates are run. */
export const templateSteps: readonly Step<ApiStage>[] = [
  async (query, { tenant }) => {
    const { notificationTemplateVariables } = await tenant.admin.run<{ notificationTemplateVariables: { path: string }[] }>(query);
    expect(notificationTemplateVariables.map(({ path }) => path)).toContain("params.task");
  },
  async (query, { tenant }) => {
    expect(await tenant.admin.run(query)).toMatchObject({
      previewNotificationTemplate: { subject: "[organization]: [task]", text: "Hello [recipient]", problems: [] },
    });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation)).toMatchObject({
      createNotificationTemplate: { template: { latestNumber: 1, publishedNumber: null } },
    });
  },
  async (mutation, stage) => {
    const { weft, tenant } = stage;
    expect(await tenant.admin.run(mutation, { id: await onlyTemplate(stage) })).toEqual({
      sendTestNotification: { subject: expect.stringMatching(/: \[task\]$/) as string },
    });
    await weft.weft.worker.idle();
    const mails = await weft.mails(tenant.admin.login);
    expect(mails.filter(({ subject }) => subject.startsWith("[Test] "))).toHaveLength(1);
  },
  async (mutation, stage) => {
    expect(await stage.tenant.admin.run(mutation, { id: await onlyTemplate(stage) })).toEqual({
      publishNotificationTemplate: { template: { publishedNumber: 1 } },
    });
  },
];

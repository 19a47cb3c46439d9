import { expect } from "vitest";
import type { TestTenant } from "../test-tenant.js";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

const greeting = `weft: 1
kind: automation
key: greeting
name: Greeting
inputs: { name: { type: string, required: true } }
steps: [{ id: greet, type: set, with: { values: { text: "Hello {{ inputs.name }}" } } }]
outputs: { text: "{{ steps.greet.outputs.text }}" }
`;

/** The recipient of the page, and the share. */
const recipients = new WeakMap<TestTenant, { readonly tenant: TestTenant; shareId: string }>();

function recipientOf(owner: TestTenant): { readonly tenant: TestTenant; shareId: string } {
  const recipient = recipients.get(owner);
  if (!recipient) throw new Error("Nothing was offered.");
  return recipient;
}

/** Steps of the page about shares. */
export const sharingSteps: readonly Step<ApiStage>[] = [
  async (mutation, { weft, tenant: owner }) => {
    await owner.definition(greeting);
    const tenant = await weft.tenant();
    const answer = await owner.admin.run<{ offerDefinitionShare: { share: { id: string } } }>(mutation.replace("globex", tenant.slug));
    expect(answer).toMatchObject({ offerDefinitionShare: { share: { status: "OFFERED", partnerSlug: tenant.slug } } });
    recipients.set(owner, { tenant, shareId: answer.offerDefinitionShare.share.id });
  },
  async (query, { tenant: owner }) => {
    const { tenant, shareId } = recipientOf(owner);
    expect(await tenant.admin.run(query)).toMatchObject({
      definitionShares: { edges: [{ node: { id: shareId, partnerName: owner.name, maxStartsPerHour: 100 } }] },
    });
  },
  async (mutation, { tenant: owner }) => {
    const { tenant, shareId: id } = recipientOf(owner);
    expect(await tenant.admin.run(mutation, { id })).toMatchObject({
      acceptDefinitionShare: { share: { status: "ACCEPTED", interface: { isUsable: true, inputs: { name: { required: true } } } } },
    });
  },
  async (mutation, { tenant: owner }) => {
    const { tenant, shareId } = recipientOf(owner);
    expect(await tenant.admin.run(mutation, { shareId })).toMatchObject({
      startSharedWorkflow: {
        start: { ownerName: owner.name, result: { status: expect.stringMatching(/^(RUNNING|SUCCEEDED)$/) as string } },
      },
    });
  },
  async (query, { tenant: owner }) => {
    const { shareId } = recipientOf(owner);
    expect(await owner.admin.run(query, { shareId })).toMatchObject({ runs: { totalCount: expect.any(Number) as number } });
  },
  async (mutation, { tenant: owner }) => {
    const { shareId } = recipientOf(owner);
    expect(await owner.admin.run(mutation, { shareId })).toMatchObject({
      updateDefinitionShare: { share: { maxStartsPerHour: 100, maxOpenRuns: 20 } },
    });
  },
  async (mutation, { tenant: owner }) => {
    const { shareId } = recipientOf(owner);
    expect(await owner.admin.run(mutation, { shareId })).toMatchObject({ revokeDefinitionShare: { share: { status: "REVOKED" } } });
  },
];

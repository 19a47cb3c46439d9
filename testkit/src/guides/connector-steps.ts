import { expect } from "vitest";
import type { TestTenant } from "../test-tenant.js";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

const idOf = async ({ admin }: TestTenant, list: "integrations" | "integrationCalls"): Promise<string> => {
  const found = await admin.run<Record<string, { edges: { node: { id: string } }[] }>>(`{ ${list}(first: 1) { edges { node { id } } } }`);
  return found[list]?.edges[0]?.node.id ?? "";
};

/** Steps of the page about connectors. Nothing listens at the destination that tests allow. */
export const connectorSteps: readonly Step<ApiStage>[] = [
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation.replace("https://crm.example.com", "http://127.0.0.1:9"))).toMatchObject({
      createIntegration: {
        integration: { key: "crm", credentialNames: ["type", "token"], health: "UNKNOWN", actions: [{ key: "request" }] },
      },
    });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation, { id: await idOf(tenant, "integrations") })).toMatchObject({
      checkIntegration: { integration: { health: "UNHEALTHY", lastError: "The connection failed (ECONNREFUSED)." } },
    });
  },
  async (mutation, { tenant }) => {
    const own = mutation.replace("mail.example.com", "127.0.0.1").replace("587", "9");
    const { createIntegration } = await tenant.admin.run<{ createIntegration: { integration: { id: string } } }>(own);
    expect(createIntegration).toMatchObject({ integration: { key: "mail", actions: [{ key: "send" }] } });
    await tenant.admin.run("mutation ($id: ID!) { deleteIntegration(input: { id: $id }) { id } }", createIntegration.integration);
  },
  async (mutation, { tenant }) => {
    const { createIntegration } = await tenant.admin.run<{ createIntegration: { integration: { id: string } } }>(
      mutation.replace('host: "db.example.com"', 'host: "127.0.0.1", port: 9'),
    );
    expect(createIntegration).toMatchObject({ integration: { key: "warehouse", actions: [{ key: "query" }] } });
  },
  async (mutation, { tenant: { admin } }) => {
    const { integrations } = await admin.run<{ integrations: { edges: { node: { id: string } }[] } }>(
      '{ integrations(filter: { key: { eq: "warehouse" } }) { edges { node { id } } } }',
    );
    const id = integrations.edges[0]?.node.id ?? "";
    expect(await admin.run(mutation, { integrationId: id })).toMatchObject({ callIntegration: { call: { status: "PENDING" } } });
    // The later steps are about the only integration.
    await admin.run("mutation ($id: ID!) { deleteIntegration(input: { id: $id }) { id } }", { id });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation, { integrationId: await idOf(tenant, "integrations") })).toMatchObject({
      callIntegration: { call: { status: "PENDING" } },
    });
  },
  async (source, { tenant }) => {
    await tenant.definition(source);
  },
  async (query, { tenant }) => {
    expect(await tenant.admin.run(query)).toMatchObject({
      integrationCalls: { edges: [{ node: { integrationKey: "crm", action: "request", status: "PENDING", result: null } }] },
    });
  },
  async (mutation, { tenant }) => {
    // Only calls that have ended can be sent again.
    expect(await tenant.admin.refusal(mutation, { id: await idOf(tenant, "integrationCalls") })).toBe("CONFLICT");
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation)).toMatchObject({ declareEventType: { eventType: { type: "custom.order.placed" } } });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation, { integrationId: await idOf(tenant, "integrations") })).toMatchObject({
      createIntegrationTrigger: { trigger: { startedAt: null, nextPollAt: expect.any(String) as unknown } },
    });
  },
  async (query, { tenant }) => {
    expect(await tenant.admin.run(query, { id: await idOf(tenant, "integrations") })).toMatchObject({
      integration: { triggers: [{ name: "Large orders", status: "ACTIVE", publishedCount: 0 }] },
    });
  },
];

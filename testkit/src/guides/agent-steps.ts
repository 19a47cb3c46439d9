import { expect } from "vitest";
import type { TestTenant } from "../test-tenant.js";
import type { ApiStage } from "./api-stage.js";
import type { Step } from "./page-blocks.js";

const providerOf = async ({ admin }: TestTenant): Promise<string> =>
  (await admin.run<{ modelProviders: { id: string }[] }>("{ modelProviders { id } }")).modelProviders[0]?.id ?? "";

/** Steps of the page about agents. Nothing listens at the destinations that tests allow. */
export const agentSteps: readonly Step<ApiStage>[] = [
  async (mutation, { tenant }) => {
    expect(await tenant.admin.run(mutation.replace("https://models.example.com", "http://127.0.0.1:9"))).toMatchObject({
      createModelProvider: { modelProvider: { key: "local", secret: null, prices: [{ model: "small", inputMicros: 100_000 }] } },
    });
  },
  async (mutation, { tenant }) => {
    const own = mutation.replace("https://deploy.example.com", "http://127.0.0.1:9");
    expect(await tenant.admin.run(own, { providerId: await providerOf(tenant) })).toMatchObject({
      createAgent: {
        agent: { version: 1, tools: [{ name: "release", approvalRoles: ["operations"] }], limits: { turns: 10, seconds: 900 } },
      },
    });
  },
  async (source, { tenant }) => {
    await tenant.definition(source);
  },
  async (mutation, { tenant }) => {
    const { agents } = await tenant.admin.run<{ agents: { id: string }[] }>("{ agents { id } }");
    expect(await tenant.admin.run(mutation, { id: agents[0]?.id })).toMatchObject({
      updateAgent: {
        agent: { version: 2, permissions: ["building.create", "building.read"], tools: [{ parameters: { required: ["code", "name"] } }] },
      },
    });
  },
  async (query, { tenant }) => {
    expect(await tenant.admin.run(query)).toEqual({ awaitedAgentToolCalls: [] });
  },
  async (mutation, { tenant }) => {
    expect(await tenant.admin.refusal(mutation, { id: "atc_00000000000000000000000000" })).toBe("NOT_FOUND");
  },
  async (query, { tenant }) => {
    expect(await tenant.admin.run(query)).toEqual({ agentStatistics: [] });
  },
];

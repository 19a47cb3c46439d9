import { randomUUID } from "node:crypto";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { postgres } from "@weft/pg-driver";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

/** A provider at which nothing listens. */
export const modelProviderInput = (key: string) => ({
  key,
  name: "Local models",
  kind: "OPENAI_COMPATIBLE",
  baseUrl: "http://127.0.0.1:9/v1",
  prices: [{ model: "small", inputMicros: 100_000, outputMicros: 400_000 }],
});

/** Creates a model provider. Returns its ID. */
export async function newModelProvider(who: Pick<TestUser, "run">, key: string): Promise<string> {
  const { createModelProvider } = await who.run<{ createModelProvider: { modelProvider: { id: string } } }>(
    "mutation ($input: CreateModelProviderInput!) { createModelProvider(input: $input) { modelProvider { id } } }",
    { input: modelProviderInput(key) },
  );
  return createModelProvider.modelProvider.id;
}

/** An agent with a tool that needs approval. */
export const agentInput = (key: string, providerId: string) => ({
  key,
  name: "Helper",
  providerId,
  model: "small",
  instructions: "Help.",
  tools: [
    {
      kind: "HTTP",
      name: "release",
      description: "Releases a version.",
      method: "POST",
      url: "http://127.0.0.1:9/releases/{tag}",
      parameters: { properties: { tag: { type: "string" } }, required: ["tag"] },
      approvalRoles: ["admin"],
    },
  ],
});

/** Creates an agent and its provider. Returns its ID. */
export async function newAgent(who: Pick<TestUser, "run">, key: string): Promise<string> {
  const { createAgent } = await who.run<{ createAgent: { agent: { id: string } } }>(
    "mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }",
    { input: agentInput(key, await newModelProvider(who, key)) },
  );
  return createAgent.agent.id;
}

export const waitingDefinition = `weft: 1
kind: automation
key: waits
name: Waits
steps:
  - { id: rest, type: wait, with: { for: 1h } }
`;

/** Waits until a worker has begun the step of a run of `waitingDefinition`. */
async function begun(owner: postgres.Sql, tenantId: string, instanceId: string): Promise<void> {
  const isWaiting = async (): Promise<boolean> => {
    const rows = await owner`
      select from workflows.run_steps s join workflows.runs r on r.tenant_id = s.tenant_id and r.id = s.run_id
       where r.tenant_id = ${tenantId} and r.instance_id = ${instanceId} and s.status = 'WAITING'`;
    return rows.length > 0;
  };
  await until(isWaiting, { what: "the step waits", deadlineMs: 60_000 });
}

/**
 * Lets an agent wait for a decision of an administrator about a tool, as a worker would. The tenant must have published `waitingDefinition`. Returns
 * the ID of the call of the tool.
 */
export async function newAwaitedToolCall(
  owner: postgres.Sql,
  tenant: Pick<TestTenant, "id">,
  { agentId, instanceId }: { readonly agentId: string; readonly instanceId: string },
): Promise<string> {
  const [sessionId, callId, id] = [randomUUID(), randomUUID(), randomUUID()];
  const agent = decodeId("agent", agentId);
  await begun(owner, tenant.id, decodeId("instance", instanceId));
  await owner.begin(async (sql) => {
    await sql`insert into workflows.agent_sessions (tenant_id, id, run_id, step, is_compensation, depth, definition_id, agent_id, agent_key, agent_version, agent, prompt)
      select ${tenant.id}, ${sessionId}, r.id, 'rest', false, 0, r.definition_id, ${agent}, 'helper', 1, '{}', 'Release'
        from workflows.runs r where r.tenant_id = ${tenant.id} and r.instance_id = ${decodeId("instance", instanceId)}`;
    await sql`insert into workflows.agent_calls (tenant_id, id, session_id, turn, status, agent_id, model, request_hash, response, tokens_in, tokens_out, cost_micros)
      values (${tenant.id}, ${callId}, ${sessionId}, 1, 'ANSWERED', ${agent}, 'small', 'h', '{"text":"","reason":"tool-calls","problem":null}', 10, 5, 3)`;
    await sql`insert into workflows.agent_tool_calls (tenant_id, id, session_id, call_id, position, model_call_id, tool, arguments, status, approval_roles, expires_at)
      values (${tenant.id}, ${id}, ${sessionId}, ${callId}, 0, 'c', 'release', '{"tag":"7"}', 'AWAITING_APPROVAL', '{admin}', now() + interval '1 day')`;
  });
  return encodeId("agentToolCall", id);
}

/** Starts the automation `waits`. Returns the ID of its instance. */
export async function startWaiting(who: Pick<TestUser, "run">): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    'mutation { startWorkflow(input: { definitionKey: "waits", data: {} }) { instance { id } } }',
  );
  return startWorkflow.instance.id;
}

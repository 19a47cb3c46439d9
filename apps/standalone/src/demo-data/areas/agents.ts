import { archiveTool, substituteModels } from "../../models/substitute-replies.js";
import type { DemoArea } from "../area.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";
import { publishAutomation } from "./automations.js";

/** Key of the provider. Its URL is another one after a start on another port. */
export const substituteKey = "local-substitute";

/** Prices of a model of medium size, so that the runs have costs. */
const prices = Object.values(substituteModels).map((model) => ({ model, inputMicros: 3_000_000, outputMicros: 15_000_000 }));

const limits = { turns: 5, tokens: 20_000, costMicros: 200_000, seconds: 60 };

const createAgent = "mutation DemoAgent($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }";

/** Three agents that answer enquiries, and a fourth that one of them asks with the approval of a person. */
export const agents: DemoArea = {
  name: "agents",
  async prepare(stage) {
    if (stage.modelsUrl === undefined) return;
    await createAgents(stage, stage.modelsUrl);
    await publishAutomation(stage, "answer-enquiry");
  },
  stories: (stage) => (stage.modelsUrl === undefined ? [] : enquiries.map((one) => enquiry(stage, one))),
};

async function createAgents(stage: Stage, baseUrl: string): Promise<void> {
  const { api } = stage.as("admin");
  const { createModelProvider } = await api.run<{ createModelProvider: { modelProvider: { id: string } } }>(
    "mutation DemoProvider($input: CreateModelProviderInput!) { createModelProvider(input: $input) { modelProvider { id } } }",
    {
      input: {
        key: substituteKey,
        name: "Local substitute of the demo (templates, not a model)",
        kind: "OPENAI_COMPATIBLE",
        baseUrl,
        prices,
        idempotencyKey: "demo:model-provider",
      },
    },
  );
  const common = { providerId: createModelProvider.modelProvider.id, limits };
  const planned = [
    {
      key: "archive",
      name: "Archive (substitute)",
      model: substituteModels.archive,
      instructions: "You know the contracts of Acme's customers. Answer in one sentence what applies.",
    },
    {
      key: "triage",
      name: "Triage (substitute)",
      model: substituteModels.triage,
      instructions: "You sort enquiries of customers.",
      outputSchema: {
        properties: { category: { enum: ["billing", "repair", "contract", "other"] }, urgent: { type: "boolean" } },
        required: ["category", "urgent"],
      },
    },
    {
      key: "research",
      name: "Research (substitute)",
      model: substituteModels.research,
      instructions: "You find out what applies to an enquiry. Ask the archive about contracts.",
      tools: [
        {
          kind: "AGENT",
          name: archiveTool,
          description: "Asks the archive, which knows the contract of the customer.",
          agent: "archive",
          approvalRoles: ["operations", "workflow_manager"],
        },
      ],
    },
    {
      key: "writer",
      name: "Writer (substitute)",
      model: substituteModels.writer,
      instructions: "You write friendly replies to customers, with what was found out and nothing else.",
    },
  ];
  for (const agent of planned) await api.run(createAgent, { input: { ...agent, ...common, idempotencyKey: `demo:agent:${agent.key}` } });
}

interface Enquiry {
  readonly customer: string;
  readonly text: string;
  /** Days ago. */
  readonly startedAt: number;
  /** Absent: nobody has decided yet. */
  readonly decision?: { readonly isApproved: boolean; readonly reason?: string };
}

const enquiries: readonly Enquiry[] = [
  {
    customer: "Harbor Bakery",
    text: "The invoice for March has the wrong address.",
    startedAt: 55,
    decision: { isApproved: true },
  },
  {
    customer: "Volta Electric",
    text: "We want to terminate our contract for the forklifts.",
    startedAt: 34,
    decision: { isApproved: false, reason: "The lawyers look at this contract themselves." },
  },
  {
    customer: "Bright & Clean",
    text: "The goods elevator is stuck with a person inside. Please come immediately!",
    startedAt: 19,
    decision: { isApproved: true, reason: "Urgent" },
  },
  { customer: "Liftworks", text: "Which documents do you need from us?", startedAt: 5, decision: { isApproved: true } },
  { customer: "Expo Partners", text: "We were charged twice for the booth.", startedAt: 0.2 },
];

async function* enquiry(stage: Stage, { customer, text, startedAt, decision }: Enquiry): Story {
  const [operator, operations] = [stage.as("operator"), stage.as("operations")];
  yield startedAt;
  const instance = await operator.start("answer-enquiry", { customer, text });
  await operator.untilAtRest(instance);
  if (!decision) return;
  yield startedAt - 0.1;
  await operations.decideAboutTool(instance, decision);
  await operator.untilEnded(instance);
}

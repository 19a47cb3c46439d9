// An anchor: graphql-ws as it comes. It executes the subscription of every socket for every event, without login, limits, or subgraphs.
import { on, EventEmitter } from "node:events";
import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { controlServer } from "./broadcast-control.js";

// The part of Weft's schema that the bench selects.
const schema = buildSchema(`
  type Query { ok: Boolean }
  type Subscription { workflowTransitioned: WorkflowTransitioned }
  type User { id: ID! name: String! }
  type Definition { key: String! name: String! number: Int! }
  type WorkflowInstance {
    id: ID! state: String! status: String! version: Int! createdAt: String! updatedAt: String! definition: Definition owner: User
  }
  type WorkflowTransitioned {
    version: Int! from: String! to: String! status: String! occurredAt: String! actor: User instance: WorkflowInstance!
  }
`);
const events = new EventEmitter().setMaxListeners(0);

async function* payloads(): AsyncGenerator<unknown> {
  for await (const [payload] of on(events, "event")) yield payload;
}

const field = schema.getSubscriptionType()?.getFields()["workflowTransitioned"];
if (!field) throw new Error("The schema has no subscription.");
field.subscribe = payloads;

const server = controlServer((text) => events.emit("event", (JSON.parse(text) as { data: unknown }).data));
useServer({ schema }, new WebSocketServer({ server, perMessageDeflate: false }));

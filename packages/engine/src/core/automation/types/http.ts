import { stepType } from "./step-type.js";

export const httpStep = stepType({
  name: "http",
  description:
    "Sends an HTTP request. Private networks are refused, as for webhooks. A status from 400 is an error, unless `expect` contains it.",
  input: {
    required: ["url"],
    properties: {
      url: { type: "string", maxLength: 2048, description: "Address, which begins with https://." },
      method: { type: "string", enum: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], default: "GET" },
      headers: { type: "object", additionalProperties: { type: "string", maxLength: 8192 } },
      body: { description: "Text, or a value that is sent as JSON." },
      expect: {
        type: "array",
        maxItems: 50,
        items: { type: "integer", minimum: 100, maximum: 599 },
        description: "Statuses that are no error.",
      },
    },
  },
  outputs: {
    properties: {
      status: { type: "integer" },
      headers: { type: "object", additionalProperties: { type: "string" } },
      body: { description: "The value of a JSON answer, otherwise its text." },
    },
  },
  secretInputs: ["url", "headers", "body"],
});

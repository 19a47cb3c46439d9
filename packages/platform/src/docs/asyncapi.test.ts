import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { asyncApiDocument } from "./asyncapi.js";
import { documentedEvents } from "./event-types.js";

interface Document {
  readonly channels: { readonly events: { readonly messages: Readonly<Record<string, { readonly $ref: string }>> } };
  readonly components: { readonly messages: Readonly<Record<string, unknown>> };
}

const require = createRequire(import.meta.url);
const document = JSON.parse(asyncApiDocument()) as Document;

test("the document is valid AsyncAPI 3.0, by the schema that its authors publish", () => {
  const schema = require("@asyncapi/specs/schemas/3.0.0-without-$id.json") as object;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  validate(document);
  expect(validate.errors).toBeNull();
  expect(validate({ ...document, channels: [] })).toBe(false);
});

test("the document contains every type that users see, and every reference leads to a message", () => {
  const types = documentedEvents().map(({ type }) => type);
  expect(Object.keys(document.components.messages)).toEqual(types);
  const references = Object.values(document.channels.events.messages).map(({ $ref }) => $ref.split("/").at(-1));
  expect(references).toEqual(types);
  expect(types).not.toContain("session.created");
});

import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed, none, principal } from "./payloads.js";

/** What happens to definitions, requests, buildings, assets, vendors and projects. */
export const businessEvents = byType(
  defineEvent({
    type: "definition.created",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "definition.published",
    version: 1,
    subject: "definition",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string(), number: z.int().positive() }),
  }),
  defineEvent({
    type: "requestType.created",
    version: 1,
    subject: "requestType",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ key: z.string() }),
  }),
  defineEvent({
    type: "request.created",
    version: 1,
    subject: "request",
    related: ["instance", "requestType", "building", "asset"],
    visibility: "subject",
    payload: z.strictObject({ number: z.string(), typeKey: z.string() }),
  }),
  defineEvent({
    type: "request.updated",
    version: 1,
    subject: "request",
    related: ["instance"],
    visibility: "subject",
    payload: changed,
  }),
  defineEvent({
    type: "request.assigned",
    version: 1,
    subject: "request",
    related: ["instance", "user", "team", "vendor"],
    visibility: "subject",
    payload: z.strictObject({ assignee: principal }),
  }),
  defineEvent({ type: "building.created", version: 1, subject: "building", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "building.updated", version: 1, subject: "building", related: [], visibility: "subject", payload: changed }),
  defineEvent({ type: "asset.created", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: none }),
  defineEvent({ type: "asset.updated", version: 1, subject: "asset", related: ["building"], visibility: "subject", payload: changed }),
  defineEvent({ type: "vendor.created", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "vendor.updated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: changed }),
  defineEvent({ type: "vendor.deactivated", version: 1, subject: "vendor", related: [], visibility: "subject", payload: none }),
  defineEvent({ type: "project.created", version: 1, subject: "project", related: ["instance"], visibility: "subject", payload: none }),
);

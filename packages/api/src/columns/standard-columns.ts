import { Directive } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";
import * as column from "./column.js";

/** ID of an aggregate, and of the object that an input changes: `...standardColumns.id("ID (`bld_…`).", "The building.")`. */
export const id = (shown: string, updated: string) => ({
  id: column.id(shown, { created: false, updated, requiredInUpdate: true, isKey: true, decorators: [Allow(inherit)] }),
});

/** The ID again, as the key of a type that other subgraphs reference: `@Directive('@key(fields: "nodeKey")')`. */
export const nodeKey = column.shownOnly({
  nodeKey: column.id("ID, as the key for references from other subgraphs.", { decorators: [Directive("@inaccessible"), Allow(inherit)] }),
});

/** Version that the caller of an update has read. */
export const expectedVersion = {
  expectedVersion: column.int("Version that you last read. The call fails with `CONFLICT` if the current version differs.", {
    shown: false,
    created: false,
    isKey: true,
  }),
};

/** Key of the input that creates an object. */
export const idempotencyKey = {
  idempotencyKey: column.text("Idempotency key. Repeating the call with the same key returns the first result.", {
    shown: false,
    updated: false,
    nullable: true,
    converted: true,
  }),
};

/** @param mutation that changes the object: `standardColumns.version("updateBuilding")` */
export const version = (mutation: string) =>
  column.shownOnly({
    version: column.int(`Version number, incremented on every change. Pass it to \`${mutation}\` as \`expectedVersion\`.`),
  });

/** Times that the database sets. */
export const times = column.shownOnly({
  createdAt: column.time("Creation time."),
  updatedAt: column.time("Time of the last change."),
});

/** @param objects in the plural: `standardColumns.externalId("buildings")` */
export const externalId = (objects: string) => ({
  externalId: column.text(`ID in another system, unique among ${objects}.`, {
    shown: false,
    created: `ID in another system, unique among ${objects} (at most 200 characters). Only for users of the organization.`,
    updated: `New ID in another system, unique among ${objects} (at most 200 characters). Null removes it. Only for users of the organization.`,
    nullable: true,
    converted: true,
  }),
});

/** Values of the custom fields of an aggregate. */
export const customFields = {
  fields: column.json<Record<string, unknown>>("Values of custom fields, by name.", {
    shown: "Values of custom fields, by name. Users of a vendor see only fields that are shown to vendors.",
    updated: "New values of custom fields, by name. Null removes a value. Omitted fields keep their values.",
    optional: true,
    converted: true,
  }),
};

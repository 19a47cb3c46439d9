/** Columns that several aggregates of this subgraph declare with the same words. */
import { column } from "@weft/api/columns";
import { Directive } from "type-graphql";

/** ID of an aggregate, and of the object that an input changes. */
export const id = (shown: string, updated: string) => ({
  id: column.id(shown, { created: false, updated, requiredInUpdate: true, isKey: true }),
});

/** The ID again, as the key of a type that other subgraphs reference: `@Directive('@key(fields: "nodeKey")')`. */
export const nodeKey = column.shownOnly({
  nodeKey: column.id("The ID again, used by other subgraphs to extend this type.", { decorators: [Directive("@inaccessible")] }),
});

/** Version that the caller of an update has read. */
export const readVersion = {
  expectedVersion: column.int("Version that you read. If it has changed since, the call fails with CONFLICT.", {
    shown: false,
    created: false,
    isKey: true,
  }),
};

/** Key of inputs that create an object, and of those that change one. */
export const idempotencyKey = {
  idempotencyKey: column.text("Idempotency key. Repeating the call with the same key returns the first result.", {
    shown: false,
    nullable: true,
    isKey: true,
  }),
};

export const version = column.shownOnly({ version: column.int("Version number, incremented on every change.") });

/** As `version`, and says where to pass it. */
export const versionToExpect = column.shownOnly({
  version: column.int("Version number, incremented on every change. Pass it as `expectedVersion`."),
});

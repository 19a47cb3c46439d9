import { type IdType, objectTypes } from "@weft/shared/ids";
import { liveFields } from "@weft/api/live";
import { composedApi, type RootField, rootFieldsOf } from "../api-schema.js";
import { exampleInput } from "../example-input.js";
import { byType, type LookupCase, type MutationCase, type Refusal } from "./case.js";

// Cases that follow from the schema. A topic declares those that do not.

const roots = rootFieldsOf(composedApi());

const isType = (name: string): name is IdType => name in objectTypes;

/** Returns how each ID of an input is refused: as the object that is acted on, or as a part of the input. */
export function refusalsOf({ name, idPaths }: RootField): Record<string, Exclude<Refusal, "null">> {
  const paths = idPaths.map((path) => path.replace(/^input\./, ""));
  const object = paths.includes("id") ? "id" : /^(create|save)/.test(name) ? undefined : paths.find((path) => /^\w+Id$/.test(path));
  return Object.fromEntries(paths.map((path) => [path, path === object ? "object" : "input"]));
}

export const derivedMutations: Readonly<Record<string, MutationCase>> = Object.fromEntries(
  roots
    .filter(({ kind }) => kind === "mutation")
    .map((root) => [root.name, { input: ({ admin }) => exampleInput(root, admin), ids: refusalsOf(root) }]),
);

/** The arguments `id` of `building`, and `buildingId` of any field. */
export const derivedLookups: Readonly<Record<string, LookupCase>> = Object.fromEntries(
  roots
    .filter(({ kind }) => kind !== "mutation")
    .flatMap(({ name, idPaths }) =>
      idPaths
        .map((path) => ({ path: `${name}.${path}`, type: path === "id" ? name : path.replace(/Id$/, "") }))
        .flatMap(({ path, type }) => (isType(type) ? [[path, byType(type)] as const] : [])),
    ),
);

/** The filters `building`, and `createdBy`. Queries that mirror a subscription return nothing without an event. */
export const derivedFilters: Readonly<Record<string, readonly IdType[]>> = Object.fromEntries(
  roots
    .filter(({ kind, name }) => kind === "query" && !(name in liveFields))
    .flatMap(({ name, idPaths }) =>
      idPaths.flatMap((path) => {
        const [, field = ""] = /^filter\.(\w+)/.exec(path) ?? [];
        const type = field.endsWith("By") ? "user" : field;
        return isType(type) ? [[`${name}.filter.${field}`, [type]] as const] : [];
      }),
    ),
);

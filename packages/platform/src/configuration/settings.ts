import { configurationSchema } from "./schema.js";
import type { ConfigurationLevel, SchemaNode } from "./schema.js";

/** The settings of one level. */
export type ConfigurationDocument = Readonly<Record<string, unknown>>;

/** A value of the schema that is inherited as a whole. */
export interface Setting {
  /** For example `security.passwordMinLength`. `features.*` stands for every key of `features`. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly levels: readonly ConfigurationLevel[];
  /** Undefined for `features.*` and `calendars.*`: one that no level sets has no entry. */
  readonly default: unknown;
  readonly strictest: "HIGHEST" | "LOWEST" | null;
  /** Allowed values, from the lowest to the highest. Empty if they are not listed. */
  readonly values: readonly unknown[];
  readonly isPublic: boolean;
}

function settingsOf(node: SchemaNode, path: string): Setting[] {
  if (!node["x-weft-levels"])
    return Object.entries(node.properties ?? {}).flatMap(([name, child]) => settingsOf(child, path === "" ? name : `${path}.${name}`));
  return [
    {
      path: typeof node.additionalProperties === "object" ? `${path}.*` : path,
      title: node.title ?? path,
      description: node.description ?? "",
      levels: node["x-weft-levels"],
      default: node.default,
      strictest: node["x-weft-strictest"] ?? null,
      values: Array.isArray(node["enum"]) ? node["enum"] : [],
      isPublic: node["x-weft-public"] === true,
    },
  ];
}

/** All settings, in the order of the schema. */
export const configurationSettings: readonly Setting[] = settingsOf(configurationSchema, "");

const byPath = new Map(configurationSettings.map((setting) => [setting.path, setting]));

/** Returns the setting at a path (`features.*` for `features.betaSearch`). Undefined if there is none. */
export const settingAt = (path: string): Setting | undefined => byPath.get(path) ?? byPath.get(path.replace(/\.[^.]*$/, ".*"));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the values of a document by the paths of their settings. Ignores values that are not settings. */
export function valuesOf(document: ConfigurationDocument): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: string): void => {
    if (path !== "" && settingAt(path)) found.set(path, value);
    else if (isObject(value)) for (const [name, child] of Object.entries(value)) walk(child, path === "" ? name : `${path}.${name}`);
  };
  walk(document, "");
  return found;
}

/** Returns the document with the given values by path. Inverse of `valuesOf`. */
export function documentOf(values: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let place = document;
    for (const name of names) {
      if (!Object.hasOwn(place, name)) place[name] = {};
      place = place[name] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return document;
}

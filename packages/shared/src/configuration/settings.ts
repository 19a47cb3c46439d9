import { configurationSchema } from "./schema.js";
import type { ConfigurationLevel, SchemaNode } from "./schema.js";

/** What one level sets. */
export type ConfigurationDocument = Readonly<Record<string, unknown>>;

/** One value of the schema: what inherits as a whole. */
export interface Setting {
  /** `security.passwordMinLength`; `features.*` stands for every key there. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly levels: readonly ConfigurationLevel[];
  /** undefined for `features.*`: a feature that nobody has set is no entry. */
  readonly default: unknown;
  readonly strictest: "HIGHEST" | "LOWEST" | null;
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
      isPublic: node["x-weft-public"] === true,
    },
  ];
}

/** Every setting, in the order of the schema. */
export const configurationSettings: readonly Setting[] = settingsOf(configurationSchema, "");

const byPath = new Map(configurationSettings.map((setting) => [setting.path, setting]));

/** The setting at a path (`features.betaSearch` is `features.*`), or undefined when there is none. */
export const settingAt = (path: string): Setting | undefined => byPath.get(path) ?? byPath.get(path.replace(/\.[^.]*$/, ".*"));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values of a document by the paths of their settings; what is no setting is passed over. */
export function valuesOf(document: ConfigurationDocument): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: string): void => {
    if (path !== "" && settingAt(path)) found.set(path, value);
    else if (isObject(value)) for (const [name, child] of Object.entries(value)) walk(child, path === "" ? name : `${path}.${name}`);
  };
  walk(document, "");
  return found;
}

/** The document of values by path: the inverse of `valuesOf`. */
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

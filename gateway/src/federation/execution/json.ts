/** A value of a subgraph's response. */
export type Json = string | number | boolean | null | undefined | JsonObject | readonly Json[];

export interface JsonObject {
  [name: string]: Json;
}

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

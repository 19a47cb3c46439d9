/** JSON data as the core uses it. schema/json.ts defines what is accepted. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

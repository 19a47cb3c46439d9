/** JSON data as the core passes it on; schema/json.ts says which of it is accepted. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

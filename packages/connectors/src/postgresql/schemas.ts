import { z } from "zod";
import { caSchema, hostSchema, portSchema } from "../socket/destination.js";

export const configurationSchema = z.object({
  host: hostSchema.describe("Host name of the server, in lower case."),
  port: portSchema.optional().describe("Port; 5432 by default."),
  database: z.string().min(1).max(63).describe("Database."),
  security: z.enum(["TLS", "NONE"]).optional().describe("TLS by default. NONE only for servers that the operators allow."),
  ca: caSchema.optional().describe("Certificates (PEM) of further authorities that the server's certificate can be from."),
});
export type Configuration = z.infer<typeof configurationSchema>;

export const credentialsSchema = z.object({
  user: z.string().min(1).max(63).describe("User. Give it no more than the right to read what workflows need."),
  password: z.string().min(1).max(1000).describe("Password."),
});
export type Credentials = z.infer<typeof credentialsSchema>;

export const parameterSchema = z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()]);
export const inputSchema = z.object({
  sql: z.string().min(1).max(20_000).describe("One query, with $1, $2, … for the parameters."),
  parameters: z.array(parameterSchema).max(100).optional().describe("Values of the parameters."),
  maxRows: z.int().min(1).max(1000).optional().describe("Maximum number of rows; 100 by default."),
});
export type QueryInput = z.infer<typeof inputSchema>;

export const outputSchema = z.object({
  rows: z.array(z.record(z.string(), z.unknown())).describe("Rows by column. Values are JSON, as `to_json` of PostgreSQL writes them."),
  isTruncated: z.boolean().describe("Whether there are more rows than `maxRows`, or than 256 KiB."),
});
export type QueryOutput = z.infer<typeof outputSchema>;
